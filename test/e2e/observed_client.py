"""A plain program with one connection, in a network namespace of its own: it has a fault done to it and says what it got.

usage: observed_client.py ADDRESS PORT LOCAL_PORT FAULT; a local port of 0: any. Prints {"pid", "errno"}; errno is null where recv, send and connect had none.
"""

import errno
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

address, port, local_port, fault = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
family = socket.AF_INET6 if ":" in address else socket.AF_INET


def run(*command, text=None):
    subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def cut():
    rules = f"type filter hook output priority 0\ntcp dport {port} drop"
    run("nft", "-f", "-", text=f"table inet cut {{\nchain out {{\n{rules}\n}}\n}}\n")


def heal():
    run("nft", "delete", "table", "inet", "cut")


def got(call):
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


def say(name):
    print(json.dumps({"pid": os.getpid(), "errno": name}), flush=True)


run("ip", "link", "set", "lo", "up")
client = socket.socket(family)
if local_port != 0:
    client.bind((address, local_port))
if fault == "refused":
    say(got(lambda: client.connect((address, port))))
    sys.exit()

listener = socket.socket(family)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((address, port))
listener.listen()
if fault == "slow_connect":
    # It sends its SYN again after 1, 3, 7 s.
    cut()
    client.setblocking(False)
    client.connect_ex((address, port))
    say(None)
    sys.stdin.readline()
    heal()
    sys.stdin.read()
    sys.exit()
client.connect((address, port))
server, _ = listener.accept()
client.settimeout(60)

if fault == "fin":
    server.close()
    say(got(lambda: client.recv(1)))
    client.close()
elif fault == "leak":
    server.close()
    say(got(lambda: client.recv(1)))
    sys.stdin.read()
elif fault == "fin_then_reset":
    server.close()
    client.recv(1)
    client.send(b"x")
    time.sleep(0.2)
    say(got(lambda: client.send(b"x")))
    client.close()
elif fault == "reset":
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    say(got(lambda: client.recv(1)))
    # Who has a connection is asked up to 50 ms after it began.
    sys.stdin.read()
elif fault == "closed":
    client.close()
    say(None)
elif fault == "aborted":
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    say(None)
elif fault == "killed":
    # The server's end must not end with the process.
    if os.fork() == 0:
        client.close()
        server.recv(1)
        os._exit(0)
    server.close()
    say(None)
    os.kill(os.getpid(), signal.SIGKILL)
elif fault in ("keepalive", "keepalive_after_loss"):
    if fault == "keepalive_after_loss":
        cut()
        client.send(b"x")
        time.sleep(1)
        heal()
        server.recv(1)
        time.sleep(1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    cut()
    say(got(lambda: client.recv(1)))
elif fault == "retransmit":
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 2000)
    cut()
    client.send(b"x")
    say(got(lambda: client.recv(1)))
elif fault == "killed_by_host":
    run("ss", "-K", "-H", "-t", "state", "established", "dport", "=", f":{port}")
    say(got(lambda: client.recv(1)))
else:
    sys.exit(f"no fault {fault}")
