"""How the shop is served. TLS, static files and the outside world are the web server's in front of it."""

import gc
import os

wsgi_app = "shop.wsgi"
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Loaded once and forked: half the start time and less memory with two workers.
preload_app = True
# An emulated machine takes its time for the first page.
timeout = 120
# A worker's sign of life is a file; a slow disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True


def when_ready(server):
    """What is loaded by now stays: the collector need not look at it, and by not looking leaves the pages shared."""
    gc.collect()
    gc.freeze()
