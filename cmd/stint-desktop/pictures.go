package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/gui"
	"github.com/stint-pim/stint/gui/model"
)

// picturesEnv names the folder into which the window puts a picture of every
// screen; then it ends. Nothing of the person at this computer is touched: two
// installations of their own, one empty and one with sample data, live in a
// temporary folder.
const picturesEnv = "STINT_SCREENSHOTS"

// takePictures runs the window for its own pictures and returns the exit status.
func takePictures(dir string) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if err := pictures(dir, log); err != nil {
		fmt.Fprintln(os.Stderr, "stint-desktop: pictures:", err)
		return 1
	}
	return 0
}

func pictures(dir string, log *slog.Logger) (err error) {
	home, err := os.MkdirTemp("", "stint-pictures-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ctx := context.Background()
	empty, err := house.Open(ctx, house.Options{Path: filepath.Join(home, "empty", house.FileName), Embedded: true, Host: "workstation", Version: version, Log: log})
	if err != nil {
		return err
	}
	stop := empty.Start()
	defer func() { err = errors.Join(err, stop()) }()
	bad, err := badDays(ctx, home, empty.Path)
	if err != nil {
		return err
	}
	enrolled := &overheard{Gate: empty.Gate}
	tokens := newTokens(filepath.Join(home, "empty"))
	look := &sampleRoom{dir: filepath.Join(home, "sample"), tokens: tokens, home: empty.Gate, log: log, wrap: stage}
	defer look.leave()

	far := &line{}
	a := app.NewWithID(appID + ".pictures") // with preferences of its own
	prefs := a.Preferences()
	for _, key := range []string{"appearance", "language", "login"} {
		prefs.RemoveValue(key)
	}
	w := gui.New(a, gui.Deps{
		Gate: enrolled, Tokens: tokens, Version: version, Language: "en",
		Sample: look.enter, SampleCode: look.code, LeaveSample: look.remove, Connect: far.connect,
		DataFacts: athome(home, look.facts(nil)), BackupDir: "/media/safe",
		Restore: func(context.Context, string, core.Secret, bool, core.Progress) (model.Restored, error) {
			return model.Restored{}, core.Errorf(core.Canceled, "", "call.canceled") // the tour looks and restores nothing
		},
	})
	far.to(w.Connected)
	w.Show()
	ended := make(chan error, 1)
	var restless []string
	go func() {
		defer fyne.Do(a.Quit)
		ended <- w.Walk(ctx, gui.Tour{
			Shoot: func(name string, m image.Image) error {
				if share := busy(); share > restlessFrom {
					restless = append(restless, fmt.Sprintf("%s (%.0f %% of a core)", name, share*100))
				}
				return keepPicture(dir, name, m)
			},
			Empty: enrolled, Code: enrolled.code, Newcomer: look.newcomer,
			Distant: func(ctx context.Context) (core.Service, func(), error) {
				return look.distant(ctx, far, filepath.Join(home, "team.sock"))
			},
			Bad:    bad,
			Closed: closedGate{core.Errorf(core.Unavailable, "", "api.unreachable", "server", "https://stint.example.com")},
		})
	}()
	a.Run()
	w.Stop()
	select {
	case err := <-ended:
		if err == nil && len(restless) > 0 {
			err = errors.New("screens that don't come to rest though nothing happens: " + strings.Join(restless, ", "))
		}
		return err
	default:
		return errors.New("the window was closed before every picture was taken")
	}
}

// A screen on which nothing happens costs nothing but its caret, a fifth of a
// core where it is drawn in software. What is laid out and painted for ever
// takes a whole one.
const (
	restlessFrom = 0.6
	watched      = 300 * time.Millisecond
)

// busy is the share of a core that the window takes while nothing happens: the
// least of a few looks, because what led here may still be under way.
func busy() float64 {
	least := math.Inf(1)
	for range 4 {
		before := spent()
		time.Sleep(watched)
		if least = min(least, float64(spent()-before)/float64(watched)); least <= restlessFrom {
			break
		}
	}
	return least
}

// aliceHome is where pictures say that things lie: they are made in a folder that
// is another one each time.
const aliceHome = "/home/alice/.local/share/stint"

// athome lets facts about what lies below dir say that it is at Alice's.
func athome(dir string, facts func(*model.Text) []model.Fact) func(*model.Text) []model.Fact {
	return func(t *model.Text) []model.Fact {
		list := facts(t)
		for i := range list {
			list[i].Value = strings.ReplaceAll(list[i].Value, dir, aliceHome)
		}
		return list
	}
}

// keepPicture writes one picture and says so.
func keepPicture(dir, name string, m image.Image) error {
	path := filepath.Join(dir, name+".png")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(encodePicture(f, m), f.Close()); err != nil {
		return err
	}
	fmt.Println(path)
	return nil
}

// overheard is a gate that remembers the secret of the second factor which is
// shown to the first person, as his phone does.
type overheard struct {
	core.Gate
	mu     sync.Mutex
	secret core.Secret // guarded by mu
}

// SetUp see core.Gate.
func (o *overheard) SetUp(ctx context.Context, p core.FirstPerson) (core.Admission, error) {
	a, err := o.Gate.SetUp(ctx, p)
	a.Service = overheardService{a.Service, o}
	return a, err
}

func (o *overheard) code() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return mfa.Code(o.secret, time.Now())
}

type overheardService struct {
	core.Service
	by *overheard
}

// BeginFactor see core.Service.
func (s overheardService) BeginFactor(ctx context.Context, password core.Secret) (core.FactorOffer, error) {
	offer, err := s.Service.BeginFactor(ctx, password)
	s.by.mu.Lock()
	defer s.by.mu.Unlock()
	s.by.secret = offer.Secret
	return offer, err
}

// newcomer adds somebody to the sample who has no role, and signs him in:
// with the first password, a new one, and a second factor.
func (r *sampleRoom) newcomer(ctx context.Context) (core.Service, error) {
	r.mu.Lock()
	guide, gate := r.guide, r.house.Gate
	r.mu.Unlock()
	admin, err := gate.Resume(ctx, guide.Token)
	if err != nil {
		return nil, err
	}
	const login = "nadia.berger"
	res, err := admin.Do(ctx, core.Call{Command: core.AddPerson{FullName: "Nadia Berger", Login: login, Mail: "nadia.berger@northwind.example"}})
	if err != nil {
		return nil, err
	}
	first, own := core.NewSecret(res.Secret), core.NewSecret("seven grey herons by the weir")
	a, err := gate.SignIn(ctx, core.SignIn{Login: login, Password: first, From: "window"})
	if err != nil {
		return nil, err
	}
	if err := a.Service.ChangePassword(ctx, first, own); err != nil {
		return nil, err
	}
	if a, err = gate.SignIn(ctx, core.SignIn{Login: login, Password: own, From: "window"}); err != nil {
		return nil, err
	}
	offer, err := a.Service.BeginFactor(ctx, own)
	if err != nil {
		return nil, err
	}
	if _, err := a.Service.ConfirmFactor(ctx, core.NewSecret(mfa.Code(offer.Secret, time.Now()))); err != nil {
		return nil, err
	}
	return a.Service, nil
}

// distant serves the sample as a team's server would, and returns its person
// over that way.
func (r *sampleRoom) distant(ctx context.Context, far *line, socket string) (core.Service, func(), error) {
	r.mu.Lock()
	in, token := &inside{gate: r.house.Gate, log: r.log}, r.guide.Token
	r.mu.Unlock()
	in.listen(ctx, socket, in.gate)
	gate := far.running(ctx, socket)
	if gate == nil {
		in.stop()
		return nil, nil, errors.New("it doesn't answer")
	}
	svc, err := gate.Resume(ctx, token)
	return svc, in.stop, err
}

// stage lets the wizard for a new system find a PostgreSQL server where there
// is none: what is asked and shown is PostgreSQL's, what answers is a system
// in memory.
func stage(k connector.Kind) connector.Kind {
	if k.Info().Kind != core.KindPostgres {
		return k
	}
	server := memory.NewKind(nil)
	s := server.System("orders-db")
	for _, r := range []core.FoundRole{
		{External: "orders_owner", Description: "Owns every schema", Privileged: true}, {External: "orders_admin", Description: "Changes schemas and indexes", Privileged: true},
		{External: "orders_rw", Description: "Writes orders"}, {External: "orders_ro", Description: "Reads orders"}, {External: "reporting", Description: "Reads the reporting views"},
	} {
		s.AddRole(r)
	}
	s.AddAccount("alex.morgan", "bea.lindqvist", "farah.haddad", "giulia.romano", "svc_backup")
	s.Put("orders_owner", "farah.haddad", true)
	s.Put("orders_rw", "svc_backup", true)
	return staged{Kind: k, server: server}
}

type staged struct {
	connector.Kind
	server *memory.Kind
}

// Open see connector.Kind.
func (s staged) Open(c connector.Config) (connector.Driver, error) {
	if d, err := s.Kind.Open(c); err != nil { // what is typed is judged as ever
		return nil, err
	} else if err := d.Close(); err != nil {
		return nil, err
	}
	return s.server.System("orders-db").Driver(), nil
}
