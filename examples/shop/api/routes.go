package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const maxWork = 5_000 * time.Millisecond

type product struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Price in cents.
	Price int `json:"price"`
}

var products = []product{
	{"cradle", "Launching cradle", 12900},
	{"rope", "Mooring rope, 20 m", 3450},
	{"tallow", "Slipway tallow, 1 kg", 1290},
	{"bottle", "Christening bottle", 2400},
	{"flag", "Signal flag set", 5990},
	{"lantern", "Stern lantern", 8900},
}

func routes(settings settings, draining <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-draining:
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		default:
		}
		if settings.failMode == failNeverReady {
			http.Error(w, "FAIL_MODE=never-ready: never ready, as asked", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	var asked atomic.Int64
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		if settings.failMode == failErrors && asked.Add(1)%2 == 0 {
			http.Error(w, "FAIL_MODE=errors: every second request fails, as asked", http.StatusInternalServerError)
			return
		}
		writeJSON(w, struct {
			identity
			Configured bool              `json:"configured"`
			Config     map[string]string `json:"config"`
		}{settings.identity, settings.configured, map[string]string{"GREETING": settings.greeting}})
	})
	mux.HandleFunc("GET /products", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, struct {
			identity
			Products []product `json:"products"`
		}{settings.identity, products})
	})
	mux.HandleFunc("GET /work", func(w http.ResponseWriter, r *http.Request) { work(w, r, settings.identity) })
	return mux
}

// work keeps one CPU busy for ?ms= milliseconds, to give the autoscaler load to react to.
func work(w http.ResponseWriter, r *http.Request, self identity) {
	ms := 50
	if given := r.URL.Query().Get("ms"); given != "" {
		parsed, err := strconv.Atoi(given)
		if err != nil || parsed < 1 || time.Duration(parsed)*time.Millisecond > maxWork {
			message := fmt.Sprintf("query ms: %q given; 1 to %d is allowed", given, maxWork.Milliseconds())
			http.Error(w, message, http.StatusBadRequest)
			return
		}
		ms = parsed
	}
	rounds := 0
	sum := sha256.Sum256([]byte(self.Pod))
	for end := time.Now().Add(time.Duration(ms) * time.Millisecond); time.Now().Before(end) && r.Context().Err() == nil; {
		for range 100 {
			sum = sha256.Sum256(sum[:])
			rounds++
		}
	}
	writeJSON(w, struct {
		identity
		Ms     int `json:"ms"`
		Rounds int `json:"rounds"`
	}{self, ms, rounds})
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	// This fails only if the client has disconnected. Then nobody can receive an error.
	_ = json.NewEncoder(w).Encode(value)
}
