// Command orders keeps orders in a MariaDB whose column `customer` becomes `client` over three releases: v2 adds the new column and
// writes both, v3 moves what is old, v4 drops the old column. docs/migrations.md explains each step.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// lockWait is how long a statement may wait for a table that an open transaction uses. Everybody else waits behind it.
const lockWait = 3 * time.Second

func main() {
	log.SetFlags(0)
	log.SetPrefix("orders: ")
	stage, err := stageOf(os.Getenv("RELEASE"))
	if err != nil {
		log.Fatal(err)
	}
	database, err := open()
	if err != nil {
		log.Fatal(err)
	}
	switch command := strings.Join(os.Args[1:], " "); command {
	case "serve":
		err = serve(database, stage)
	case "migrate":
		err = migrate(context.Background(), database, stage)
	default:
		err = fmt.Errorf("%q given; serve or migrate is allowed", command)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// stageOf returns the step of the rename that a release belongs to: v3 and v3-hotfix are in step 3.
func stageOf(release string) (int, error) {
	first, _, _ := strings.Cut(strings.TrimPrefix(release, "v"), "-")
	stage, err := strconv.Atoi(first)
	if err != nil || stage < 1 || stage > 4 {
		return 0, fmt.Errorf("RELEASE: %q given; v1 to v4 is allowed, with or without -suffix", release)
	}
	return stage, nil
}

func open() (*sql.DB, error) {
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", net.JoinHostPort(os.Getenv("DB_HOST"), "3306")
	config.User, config.DBName, config.Passwd = "orders", "orders", os.Getenv("DB_PASSWORD")
	config.Params = map[string]string{"lock_wait_timeout": strconv.Itoa(int(lockWait.Seconds()))}
	config.InterpolateParams = true
	config.Timeout = 5 * time.Second
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	database := sql.OpenDB(connector)
	database.SetMaxOpenConns(16)
	database.SetMaxIdleConns(16)
	return database, nil
}

// waitForDatabase returns once the database answers. On the first deploy it starts at the same time as this service.
func waitForDatabase(ctx context.Context, database *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	for {
		err := database.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database does not answer: %w", err)
		case <-time.After(time.Second):
		}
	}
}
