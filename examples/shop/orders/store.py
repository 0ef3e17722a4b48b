"""The orders, in a SQLite file, or in memory: then they are lost with the pod."""

import os
import sqlite3
import threading

MAX_ORDERS = 1000


class OrderStore:
    def __init__(self, file: str = os.environ.get("ORDERS_FILE", ":memory:")) -> None:
        self._lock = threading.Lock()
        self._orders = sqlite3.connect(file, check_same_thread=False)
        self._orders.row_factory = sqlite3.Row
        with self._orders:
            self._orders.execute(
                "CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, id TEXT, product TEXT, status TEXT)"
            )

    def add(self, order_id: str, product: str) -> dict:
        with self._lock, self._orders:
            number = self._orders.execute(
                "INSERT INTO orders (id, product, status) VALUES (?, ?, 'waiting')", (order_id, product)
            ).lastrowid
            # Drop the oldest, so that a load test does not fill the memory.
            self._orders.execute("DELETE FROM orders WHERE number <= ?", (number - MAX_ORDERS,))
        return {"id": order_id, "product": product, "status": "waiting"}

    def claim(self) -> dict | None:
        """The oldest waiting order, which is now packed, or None."""
        with self._lock, self._orders:
            row = self._orders.execute(
                "UPDATE orders SET status = 'packed' WHERE number = "
                "(SELECT MIN(number) FROM orders WHERE status = 'waiting') RETURNING id, product, status"
            ).fetchone()
        return dict(row) if row else None

    def waiting(self) -> int:
        with self._lock:
            return self._orders.execute("SELECT COUNT(*) FROM orders WHERE status = 'waiting'").fetchone()[0]

    def latest(self, count: int) -> list[dict]:
        with self._lock:
            rows = self._orders.execute(
                "SELECT id, product, status FROM orders ORDER BY number DESC LIMIT ?", (count,)
            ).fetchall()
        return [dict(row) for row in rows]
