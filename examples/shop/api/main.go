// Command api serves the shop's products.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("api: ")
	settings, err := readSettings(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	if settings.failMode == failCrash {
		// Late enough to be seen running, too early to become ready, so it never gets traffic.
		time.Sleep(time.Second)
		log.Print("FAIL_MODE=crash: exiting with status 1, as asked")
		os.Exit(1)
	}
	if err := serve(settings); err != nil {
		log.Fatal(err)
	}
}

// serve answers requests until SIGTERM, then finishes the open ones. The preStop sleep runs before SIGTERM. By then the
// pod has left the Service, so Shutdown only waits for requests that are already open.
func serve(settings settings) error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	server := &http.Server{
		Addr:              ":" + settings.port,
		Handler:           routes(settings, stop.Done()),
		ReadHeaderTimeout: 5 * time.Second,
		// Longer than the ingress keeps idle connections. Otherwise it could reuse one that is being closed here.
		IdleTimeout: 120 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	log.Printf("release %s listening on port %s", settings.identity.Release, settings.port)

	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	log.Print("SIGTERM, draining")
	deadline, done := context.WithTimeout(context.Background(), settings.drain)
	defer done()
	if err := server.Shutdown(deadline); err != nil {
		return errors.New("requests still open after " + settings.drain.String() + ", exiting anyway")
	}
	log.Print("drained")
	return nil
}
