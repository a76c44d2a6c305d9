# What bulkheadd may ask of the gateway's kernel. It makes taps, loads BPF, keeps its journal, talks to libvirtd, to agents
# and to its helpers over unix sockets, dials its console, and formats volumes with mke2fs, which inherits this. It accepts no
# network connection, loads no kernel module, traces nobody, and makes no namespace. A violation fails with EPERM.

# Bytes
read                          # sockets, files, events
write                         # sockets, files, log lines
readv                         # gRPC
writev                        # gRPC
pread64                       # SQLite, images, mke2fs
pwrite64                      # SQLite, mke2fs
lseek                         # files
close                         # what has ended
close_range                   # posix_spawn
fcntl                         # SQLite's locks, descriptor flags
dup                           # posix_spawn
dup2                          # posix_spawn
dup3                          # libbpf
pipe2                         # posix_spawn, libvirt
eventfd2                      # loop, gRPC
memfd_create                  # messages of mke2fs

# Files
open                          # C libraries differ in which call they use
openat                        # state, images, sysfs, /dev/net/tun, the console's terminal
access                        # libraries looking for their settings
faccessat                     # the same
faccessat2                    # the same, by a newer C library
stat                          # files
lstat                         # files
fstat                         # files
newfstatat                    # the same, by a newer C library
statx                         # the same, by a newer one still
statfs                        # is a bpffs mounted, how much room is there
fstatfs                       # SQLite, mke2fs
readlink                      # own program, device links
readlinkat                    # device links
getcwd                        # relative options
getdents64                    # folders of images, volumes, lines, sysfs
mkdir                         # folders of state
mkdirat                       # pins
rmdir                         # folders of volumes and pins that are gone
rename                        # files that are replaced whole
renameat                      # the same
renameat2                     # the same
unlink                        # sockets, pins, volumes that are gone
unlinkat                      # the same
chmod                         # folders that QEMU's user passes through
fchmod                        # files
fchmodat                      # the same, by other libraries
fchown                        # volumes become QEMU's
chown                         # sockets of partitions' TPMs, nodes of IOMMU groups; a TPM's state is its own user's
fchownat                      # the same, by other libraries
umask                         # modes of sockets
fallocate                     # volumes take their space when they are made
ftruncate                     # SQLite's shared memory, volumes where fallocate is not there
fsync                         # what is promised is on disk
fdatasync                     # SQLite
flock                         # one owner of a serial line
mount                         # bpffs, if there is none
inotify_init1                 # owners of lines that come and go
inotify_add_watch             # the same
inotify_rm_watch              # the same
utimensat                     # mke2fs, files of bundles
chdir                         # mke2fs walks a bundle's files
fchdir                        # the same
llistxattr                    # the same: asks each file for attributes
lgetxattr                     # the same

# Sockets: to this machine only
socket       arg0=1           # AF_UNIX: control, agents, libvirtd, owners of lines
socket       arg0=2           # AF_INET: the console, which the gateway dials; and its name by DNS
socket       arg0=10          # AF_INET6: the same
socket       arg0=16          # AF_NETLINK: taps, qdiscs, filters, devices that come and go
socketpair                    # libvirt
bind                          # control socket, netlink
listen                        # control socket
accept4                       # the CLI
connect                       # agents, libvirtd, owners of lines
getsockname                   # netlink, gRPC
getpeername                   # gRPC
getsockopt                    # who connected (SO_PEERCRED)
setsockopt                    # buffers, time-outs
sendto                        # agents, launcher
sendmsg                       # netlink, gRPC, libvirt
sendmmsg                      # the C library's resolver
recvfrom                      # launcher, owners of lines
recvmsg                       # netlink, gRPC, libvirt
shutdown                      # connections that end

# The switch
bpf                           # maps and programs
membarrier                    # a conduit is closed when no program runs by the old policy any more
ioctl                         # TUNSETIFF and friends, terminals, BPF links, file systems

# Waiting and time
epoll_create1                 # loop, gRPC
epoll_ctl                     # the same
epoll_wait                    # the same
epoll_pwait                   # the same, by a newer C library
poll                          # gRPC, libvirt, consoles
ppoll                         # the same
select                        # libraries
pselect6                      # libraries
futex                         # threads
clock_gettime                 # where the kernel has no vDSO clock
clock_nanosleep               # waiting for a result to be seen
nanosleep                     # the same, by an older C library
restart_syscall               # after a stop and a continue
timerfd_create                # gRPC
timerfd_settime               # gRPC

# Threads, and the one program that it starts
clone        arg0&0x7E020000=0  # threads and mke2fs, but no namespace of its own
clone3       errno=ENOSYS     # glibc then falls back to clone, whose flags a filter can see
vfork                         # posix_spawn
execve                        # mke2fs; what is started inherits this filter and has no new rights
wait4                         # for mke2fs
waitid                        # the same
exit                          # threads
exit_group                    # the end
set_robust_list               # threads
rseq                          # threads
set_tid_address               # programs that start
arch_prctl                    # programs that start
sched_getaffinity             # how many CPUs there are
sched_getparam                # gRPC's locks ask, and say so on stderr if refused
sched_getscheduler            # the same
sched_yield                   # gRPC
gettid                        # logs of libraries
getpid                        # libraries
getppid                       # mke2fs
tgkill                        # abort
kill                          # owners of lines that do not end when asked
pidfd_open                    # the same, and no other process by mistake
pidfd_send_signal             # the same
signalfd4                     # SIGTERM
rt_sigaction                  # signals
rt_sigprocmask                # signals
rt_sigreturn                  # signals
sigaltstack                   # threads
prctl                         # names of threads

# Memory and identity
brk                           # memory
mmap                          # memory
munmap                        # memory
mremap                        # memory
mprotect                      # memory
madvise                       # memory
get_mempolicy                 # libnuma, that comes with libvirt
set_mempolicy                 # the same
prlimit64                     # limits of maps on older kernels
getrlimit                     # libraries
setrlimit                     # libbpf on older kernels
getrandom                     # operation ids, sessions
uname                         # the kernel's version
sysinfo                       # memory of the host
getuid                        # libraries
geteuid                       # who we are
getgid                        # libraries
getegid                       # libraries
getgroups                     # libraries
capget                        # libraries
