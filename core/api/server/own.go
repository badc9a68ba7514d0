package server

import (
	"context"
	"net/http"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type (
	passwordInput struct{ Body api.PasswordChange }
	codeInput     struct{ Body api.Code }
	unlockInput   struct{ Body api.Unlock }
)

// ownRoutes are about the password and the second factor of whoever asks.
func (s *server) ownRoutes() {
	perform(s, operation(http.MethodPost, api.PathPassword, "change-password", "own", "Change my password"),
		func(ctx context.Context, in *passwordInput) error {
			return service(ctx).ChangePassword(ctx, core.NewSecret(in.Body.Present), core.NewSecret(in.Body.Next))
		})
	answer(s, operation(http.MethodPost, api.PathFactor, "begin-factor", "own", "Make a new second factor, to be confirmed"),
		func(ctx context.Context, in *codeInput) (api.FactorOffer, error) {
			offer, err := service(ctx).BeginFactor(ctx, core.NewSecret(in.Body.Code))
			return api.FactorOffer{Secret: offer.Secret.Reveal(), URI: offer.URI.Reveal()}, err
		})
	answer(s, operation(http.MethodPost, api.PathConfirm, "confirm-factor", "own", "Confirm the new second factor; returns recovery codes"),
		func(ctx context.Context, in *codeInput) (api.RecoveryCodes, error) {
			codes, err := service(ctx).ConfirmFactor(ctx, core.NewSecret(in.Body.Code))
			return api.RecoveryCodes{Codes: codes}, err
		})
	answer(s, operation(http.MethodPost, api.PathRecovery, "renew-recovery", "own", "Replace my recovery codes"),
		func(ctx context.Context, in *codeInput) (api.RecoveryCodes, error) {
			codes, err := service(ctx).RenewRecovery(ctx, core.NewSecret(in.Body.Code))
			return api.RecoveryCodes{Codes: codes}, err
		})
	perform(s, operation(http.MethodPost, api.PathUnlock, "unlock", "own", "Compare my password, for a window that locked itself"),
		func(ctx context.Context, in *unlockInput) error {
			return service(ctx).Unlock(ctx, core.NewSecret(in.Body.Password))
		})
}
