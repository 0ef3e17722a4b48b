package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// One order in writeEvery requests is new. The others are read.
const writeEvery = 10

// The statements of each release. While pods of two releases run side by side, each understands what the other writes.
var inserts = map[int]string{
	1: `INSERT INTO orders (customer) VALUES (?)`,
	2: `INSERT INTO orders (customer, client) VALUES (?, ?)`,
	3: `INSERT INTO orders (customer, client) VALUES (?, ?)`,
	4: `INSERT INTO orders (client) VALUES (?)`,
}
var selects = map[int]string{
	1: `SELECT customer FROM orders WHERE id <= (SELECT MAX(id) FROM orders) - ? ORDER BY id DESC LIMIT 1`,
	2: `SELECT customer FROM orders WHERE id <= (SELECT MAX(id) FROM orders) - ? ORDER BY id DESC LIMIT 1`,
	3: `SELECT client FROM orders WHERE id <= (SELECT MAX(id) FROM orders) - ? ORDER BY id DESC LIMIT 1`,
	4: `SELECT client FROM orders WHERE id <= (SELECT MAX(id) FROM orders) - ? ORDER BY id DESC LIMIT 1`,
}

func serve(database *sql.DB, stage int) error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	if err := waitForDatabase(stop, database); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(response http.ResponseWriter, _ *http.Request) { fmt.Fprintln(response, "ok") })
	mux.HandleFunc("GET /version", func(response http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(response).Encode(map[string]string{"release": os.Getenv("RELEASE"), "pod": os.Getenv("POD_NAME")})
	})
	mux.HandleFunc("GET /order", func(response http.ResponseWriter, request *http.Request) {
		if err := order(request.Context(), database, stage); err != nil {
			log.Print(err)
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(response, "ok")
	})
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 120 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	deadline, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	return server.Shutdown(deadline)
}

// order writes an order or reads one of the newest, and checks that its client has a name.
func order(ctx context.Context, database *sql.DB, stage int) error {
	if rand.IntN(writeEvery) == 0 {
		name := fmt.Sprintf("client-%d", rand.IntN(1_000_000))
		values := []any{name, name}
		if stage == 1 || stage == 4 {
			values = values[:1]
		}
		_, err := database.ExecContext(ctx, inserts[stage], values...)
		return err
	}
	var name sql.NullString
	err := database.QueryRowContext(ctx, selects[stage], rand.IntN(1_000)).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // There are not that many yet.
	}
	if err == nil && name.String == "" {
		err = errors.New("an order has no client")
	}
	return err
}
