package apitest_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
)

// chromium is a real browser without a screen, spoken to over two pipes
// (https://chromedevtools.github.io/devtools-protocol/). It needs no library.
type chromium struct {
	t      *testing.T
	to     *os.File
	from   *bufio.Reader
	n      int
	target string // session of the tab
	said   []string
}

func newChromium(t *testing.T) *chromium {
	t.Helper()
	read1, write1, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read2, write2, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// Tests may run as root, where its sandbox won't; the pages are ours.
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors",
		"--no-first-run", "--disable-background-networking", "--remote-debugging-pipe", "--user-data-dir="+dir, "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir)
	cmd.ExtraFiles = []*os.File{read1, write2} // descriptors 3 and 4
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (install chromium)", err)
	}
	_, _ = read1.Close(), write2.Close()
	c := &chromium{t: t, to: write1, from: bufio.NewReader(read2)}
	t.Cleanup(func() {
		_ = write1.Close()
		// All of it: its helpers outlive it by a moment, and write into the profile
		// while that is being removed.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		for end := time.Now().Add(5 * time.Second); syscall.Kill(-cmd.Process.Pid, 0) == nil && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
		_ = read2.Close()
	})
	_ = read2.SetReadDeadline(time.Now().Add(90 * time.Second))
	var made struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	var attached struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &attached)
	c.target = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		c.call(domain+".enable", nil, nil)
	}
	return c
}

type devtools struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// call asks the browser. What it says by itself meanwhile is kept.
func (c *chromium) call(method string, params map[string]any, to any) {
	c.t.Helper()
	c.n++
	msg := map[string]any{"id": c.n, "method": method, "params": params}
	if params == nil {
		delete(msg, "params")
	}
	if c.target != "" {
		msg["sessionId"] = c.target
	}
	b, err := json.Marshal(msg)
	if err == nil {
		_, err = c.to.Write(append(b, 0))
	}
	if err != nil {
		c.t.Fatal(err)
	}
	for {
		m := c.next()
		if m.ID != c.n {
			continue
		}
		if m.Error != nil {
			c.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if to != nil {
			if err := json.Unmarshal(m.Result, to); err != nil {
				c.t.Fatal(err)
			}
		}
		return
	}
}

func (c *chromium) next() (m devtools) {
	c.t.Helper()
	b, err := c.from.ReadBytes(0)
	if err != nil {
		c.t.Fatalf("the browser: %v", err)
	}
	if err := json.Unmarshal(bytes.TrimRight(b, "\x00"), &m); err != nil {
		c.t.Fatal(err)
	}
	if m.Method == "Log.entryAdded" || m.Method == "Runtime.exceptionThrown" {
		c.said = append(c.said, string(m.Params))
	}
	return m
}

// leads does something that loads a page, and waits for it.
func (c *chromium) leads(do func()) {
	c.t.Helper()
	do()
	for c.next().Method != "Page.loadEventFired" {
	}
}

// script runs in the page: scripts of the page itself are forbidden, but not
// those of whoever drives the browser.
func (c *chromium) script(text string) string {
	c.t.Helper()
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	c.call("Runtime.evaluate", map[string]any{"expression": text, "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		c.t.Fatalf("%s: %s", text, out.ExceptionDetails.Text)
	}
	return fmt.Sprint(out.Result.Value)
}

// types fills a field as a keyboard does.
func (c *chromium) types(field, text string) {
	c.t.Helper()
	c.script(`document.getElementById("` + field + `").select()`)
	c.call("Input.insertText", map[string]any{"text": text}, nil)
}

// press clicks a button where it is shown.
func (c *chromium) press(selector string) {
	c.t.Helper()
	var at struct{ X, Y float64 }
	where := c.script(`(()=>{const b=document.querySelector('` + selector + `');b.scrollIntoView({block:"center"});const r=b.getBoundingClientRect();return JSON.stringify({X:r.x+r.width/2,Y:r.y+r.height/2})})()`)
	if err := json.Unmarshal([]byte(where), &at); err != nil {
		c.t.Fatal(err)
	}
	for _, what := range []string{"mousePressed", "mouseReleased"} {
		c.call("Input.dispatchMouseEvent", map[string]any{"type": what, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// picture is kept where STINT_PICTURES says, for whoever wants to look.
func (c *chromium) picture(name string) {
	c.t.Helper()
	dir := os.Getenv("STINT_PICTURES")
	if dir == "" {
		return
	}
	var out struct{ Data string }
	c.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &out)
	b, err := base64.StdEncoding.DecodeString(out.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), b, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// Bob follows the link of the mail on a telephone: signs in, reads, approves. The
// page fits the screen, looks as it should under its own policy, in light and in
// dark, and the browser has nothing to complain about.
func TestCasePageInABrowser(t *testing.T) {
	if testing.Short() {
		return // the same without a browser: TestCasePageApproves
	}
	c, b := newCourt(t), newChromium(t)
	for _, look := range []string{"dark", "light"} {
		b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": look}}}, nil)
		b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true}, nil)
		b.leads(func() { b.call("Page.navigate", map[string]any{"url": c.server.URL + "/cases/" + string(c.id)}, nil) })
		b.picture("case-sign-in-" + look)
		want := map[string]string{"dark": "rgb(18, 21, 27)", "light": "rgb(246, 247, 249)"}[look]
		if got := b.script(`getComputedStyle(document.body).backgroundColor`); got != want {
			t.Errorf("%s: the page is %s, want %s: its style was refused", look, got, want)
		}
	}
	b.types("login", "bob")
	b.types("password", courtPassword+"bob")
	b.types("code", c.world.Code(c.people["bob"]).Reveal())
	b.leads(func() { b.press("button.go") })
	if got := b.script(`document.querySelector("h1").innerText`); got != "Alice Adler asks for Security Reader" {
		t.Fatalf("the page says %q", b.script("document.body.innerText"))
	}
	b.picture("case-light")
	if b.script(`document.documentElement.scrollWidth <= 360`) != "true" {
		t.Error("the page is wider than the telephone")
	}
	if got := b.script(`document.cookie`); got != "" {
		t.Errorf("scripts could read %q", got)
	}
	b.types("why", "agreed by phone")
	b.types("for", "1h")
	b.leads(func() { b.press("button[value=approve]") })
	if got := b.script("document.body.innerText"); !strings.Contains(got, "It was approved.") {
		t.Errorf("the page says %q", got)
	}
	b.picture("case-approved")
	if got := c.status(); got != core.Provisioned {
		t.Errorf("status %s", got)
	}
	for _, s := range b.said {
		if !strings.Contains(s, "favicon.ico") { // browsers ask for one by themselves
			t.Errorf("the browser complains: %s", s)
		}
	}
}
