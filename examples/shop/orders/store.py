"""The orders of this pod, in memory: the example shows deploys, not databases."""

import threading
from collections import OrderedDict, deque

MAX_ORDERS = 1000


class OrderStore:
    def __init__(self) -> None:
        self._orders: OrderedDict[str, dict] = OrderedDict()
        self._waiting: deque[dict] = deque()
        self._lock = threading.Lock()

    def add(self, order_id: str, product: str) -> dict:
        order = {"id": order_id, "product": product, "status": "waiting"}
        with self._lock:
            self._orders[order_id] = order
            self._waiting.append(order)
            # Drop the oldest, so that a load test does not fill the memory.
            while len(self._orders) > MAX_ORDERS:
                self._orders.popitem(last=False)
            while len(self._waiting) > MAX_ORDERS:
                self._waiting.popleft()
            return dict(order)

    def claim(self) -> dict | None:
        """The oldest waiting order, which is now packed, or None."""
        with self._lock:
            if not self._waiting:
                return None
            order = self._waiting.popleft()
            order["status"] = "packed"
            return dict(order)

    def waiting(self) -> int:
        with self._lock:
            return len(self._waiting)

    def latest(self, count: int) -> list[dict]:
        with self._lock:
            return [dict(order) for order in list(self._orders.values())[-count:][::-1]]
