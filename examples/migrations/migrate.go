package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"time"
)

// batch is how many rows a backfill changes in one transaction: few enough that nobody waits for their locks.
const batch = 1_000

// migrations are the statements of each release. Each can run a second time: a migration that was killed does.
// With ALGORITHM=INSTANT a statement fails where it would otherwise copy the table.
var migrations = map[int][]string{
	1: {`CREATE TABLE IF NOT EXISTS orders (
		id BIGINT AUTO_INCREMENT PRIMARY KEY, customer VARCHAR(64) NOT NULL, made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`},
	2: {`ALTER TABLE orders ADD COLUMN IF NOT EXISTS client VARCHAR(64) NULL, ALGORITHM=INSTANT`},
	// v4 does not write the old column any more, while pods of v3 still do.
	3: {`ALTER TABLE orders ALTER COLUMN customer SET DEFAULT '', ALGORITHM=INSTANT`},
	4: {`ALTER TABLE orders DROP COLUMN IF EXISTS customer, ALGORITHM=INSTANT`},
}

func migrate(ctx context.Context, database *sql.DB, stage int) error {
	if err := waitForDatabase(ctx, database); err != nil {
		return err
	}
	release := os.Getenv("RELEASE")
	log.Printf("migrating to %s", release)
	// What the tests count: how often each release has begun.
	if _, err := database.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS runs (
		release_tag VARCHAR(64) NOT NULL, pod VARCHAR(128) NOT NULL, begun TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`); err != nil {
		return err
	}
	if _, err := database.ExecContext(ctx, `INSERT INTO runs (release_tag, pod) VALUES (?, ?)`, release, os.Getenv("POD_NAME")); err != nil {
		return err
	}
	if os.Getenv("MIGRATION_HOLD") == "true" {
		if err := waitWhileHeld(ctx, database); err != nil {
			return err
		}
	}
	if stage == 3 {
		if err := backfill(ctx, database); err != nil {
			return err
		}
	}
	for _, statement := range migrations[stage] {
		begun := time.Now()
		if _, err := database.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("gave up after %.1f s: %w", time.Since(begun).Seconds(), err)
		}
	}
	log.Printf("migrated to %s", release)
	return nil
}

// waitWhileHeld waits until somebody drops the table hold.
func waitWhileHeld(ctx context.Context, database *sql.DB) error {
	log.Print("waiting while there is a table named hold, as MIGRATION_HOLD says")
	for {
		var tables int
		if err := database.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.tables
			WHERE table_schema = DATABASE() AND table_name = 'hold'`).Scan(&tables); err != nil {
			return err
		}
		if tables == 0 {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// backfill copies the old column in batches, by the primary key, so that no batch searches what the ones before have done.
func backfill(ctx context.Context, database *sql.DB) error {
	var last, rows int64
	if err := database.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM orders`).Scan(&last); err != nil {
		return err
	}
	for from := int64(0); from < last; from += batch {
		result, err := database.ExecContext(ctx,
			`UPDATE orders SET client = customer WHERE id > ? AND id <= ? AND client IS NULL`, from, from+batch)
		if err != nil {
			return err
		}
		changed, _ := result.RowsAffected()
		rows += changed
	}
	log.Printf("backfilled %d rows", rows)
	return nil
}
