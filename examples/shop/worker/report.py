"""Prints how many of the latest orders wait and how many are packed. A cron service runs it."""

import json
import os
import urllib.request
from collections import Counter

ORDERS_URL = os.environ.get("ORDERS_URL", "http://orders")

with urllib.request.urlopen(f"{ORDERS_URL}/orders", timeout=5) as response:
    orders = json.load(response)["orders"]
by_status = Counter(order["status"] for order in orders)
print(f"report: {len(orders)} orders, {by_status['waiting']} waiting, {by_status['packed']} packed", flush=True)
