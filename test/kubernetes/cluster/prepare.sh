#!/bin/sh
# prepare.sh FOLDER NODE_IP PROGRAM: run as the first process of a new mount, network and pid namespace. Makes a machine of
# its own of them and becomes `PROGRAM pause`, whose end is the end of everything that runs inside.
set -eu
folder=$1 address=$2 program=$3
mount --make-rprivate / && mount --make-rshared /
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 log /var/log
mkdir "$folder/pod-logs" /var/log/pods
mount --bind "$folder/pod-logs" /var/log/pods
# Where most distributions have it. Its rings are the whole machine's.
mount -t tracefs nodev /sys/kernel/tracing || echo 'no tracefs: the tests of the observer will fail'
# The kubelet and the network plug-ins write here, whatever folders they are given.
mount -t tmpfs -o mode=755 kubelet /var/lib/kubelet
mount -t tmpfs -o mode=755 cni /var/lib/cni
# The kubelet wants to write these settings. They belong to the whole machine, so it reads the wanted values and writes nothing.
mkdir "$folder/sysctl"
pretend() {
  printf '%s\n' "$2" >"$folder/sysctl/${1##*/}"
  mount --bind "$folder/sysctl/${1##*/}" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000
ip link set lo up
# The default route leads nowhere. It is there because a packet is routed before a Service's address is replaced.
ip link add node0 type bridge
ip address add "$address/24" dev node0
ip link set node0 up
ip route add default dev node0
printf 1 >/proc/sys/net/ipv4/ip_forward
exec "$program" pause
