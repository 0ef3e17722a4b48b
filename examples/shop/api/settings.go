package main

import (
	"fmt"
	"strconv"
	"time"
)

const (
	failNot        = ""
	failCrash      = "crash"
	failNeverReady = "never-ready"
	failErrors     = "errors"
)

// identity says who answered. Every service of the shop returns these four fields.
type identity struct {
	Service string `json:"service"`
	Release string `json:"release"`
	Pod     string `json:"pod"`
	Node    string `json:"node"`
}

type settings struct {
	identity identity
	port     string
	drain    time.Duration
	greeting string
	// configured says whether the secret DB_PASSWORD is set. The value itself is not kept.
	configured bool
	failMode   string
}

func readSettings(getenv func(string) string) (settings, error) {
	or := func(key, fallback string) string {
		if value := getenv(key); value != "" {
			return value
		}
		return fallback
	}
	drainSeconds, err := strconv.Atoi(or("DRAIN_SECONDS", "10"))
	if err != nil || drainSeconds < 0 {
		return settings{}, fmt.Errorf("env DRAIN_SECONDS: %q given; a whole number of seconds from 0 is allowed", getenv("DRAIN_SECONDS"))
	}
	failMode := getenv("FAIL_MODE")
	switch failMode {
	case failNot, failCrash, failNeverReady, failErrors:
	default:
		return settings{}, fmt.Errorf("env FAIL_MODE: %q given; %q, %q, %q or empty is allowed", failMode, failCrash, failNeverReady, failErrors)
	}
	return settings{
		identity: identity{
			Service: "api",
			Release: or("RELEASE", "dev"),
			Pod:     or("POD_NAME", "local"),
			Node:    or("NODE_NAME", "local"),
		},
		port:       or("PORT", "8080"),
		drain:      time.Duration(drainSeconds) * time.Second,
		greeting:   or("GREETING", "hello"),
		configured: getenv("DB_PASSWORD") != "",
		failMode:   failMode,
	}, nil
}
