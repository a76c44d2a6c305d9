# What bulkhead-router, and the ip, nft and dnsmasq that it runs and that inherit this, may ask of the gateway's kernel. They
# set up one network namespace and answer DHCP, DNS and router discovery there. They mount nothing, load no module, no BPF
# program, trace nobody and make no further namespace; setns leads to network namespaces alone. A violation fails with EPERM.

# Bytes
read                          # files, events, requests
write                         # files, log lines
readv                         # the C library
writev                        # the same
pread64                       # messages of programs; shared libraries
pwrite64                      # the C library
lseek                         # the file of leases
close                         # what has ended
close_range                   # posix_spawn
fcntl                         # descriptor flags
dup                           # dnsmasq logs to stderr
dup2                          # a program's descriptors
dup3                          # the same
pipe2                         # dnsmasq's own
pipe                          # the same
memfd_create                  # messages of programs

# Files
open                          # C libraries differ in which call they use
openat                        # settings, batches, leases, /proc/sys/net
access                        # programs that start
faccessat                     # the same
faccessat2                    # the same, by a newer C library
stat                          # files
lstat                         # the same
fstat                         # the same
newfstatat                    # the same, by a newer C library
statx                         # the same, by a newer one still
fstatfs                       # is it a /proc
statfs                        # the same
readlink                      # programs that start
readlinkat                    # the same
getcwd                        # nft
getdents64                    # descriptors that a program closes
mkdir                         # its folder
chmod                         # the same
fchmod                        # modes of files
fchown                        # the file of leases becomes dnsmasq's own
umask                         # modes of files
rename                        # files that are replaced whole
renameat                      # the same
renameat2                     # the same
unlink                        # sockets that are gone
unlinkat                      # the same
fsync                         # what is promised is on disk
ftruncate                     # the file of leases
chdir                         # dnsmasq leaves the folder that it was started in
inotify_init1                 # dnsmasq watches its settings
inotify_init                  # the same
inotify_add_watch             # the same

# Namespaces and sockets
setns     arg1=0x40000000     # CLONE_NEWNET: the host's, to fetch a leg, and back
socket    arg0=1              # AF_UNIX: control socket, log
socket    arg0=2              # AF_INET: DNS, DHCP, probes
socket    arg0=10             # AF_INET6: the same, router advertisements
socket    arg0=16             # AF_NETLINK: links, routes, the firewall
socket    arg0=17             # AF_PACKET: dnsmasq answers those who have no address yet
socketpair                    # the C library
bind                          # servers, netlink
listen                        # control socket, DNS over TCP
accept                        # the same
accept4                       # the same
connect                       # resolvers, probes
getsockname                   # netlink, dnsmasq
getpeername                   # dnsmasq
getsockopt                    # who connected (SO_PEERCRED), errors of probes
setsockopt                    # interfaces, groups, buffers
sendto                        # answers, probes, state
sendmsg                       # the same
sendmmsg                      # the C library
recvfrom                      # questions, answers
recvmsg                       # the same
recvmmsg                      # the same
shutdown                      # connections that end
ioctl                         # addresses of interfaces, ARP entries, buffers of terminals

# Programs
clone        arg0&0x7E020000=0  # threads and programs, but no namespace of their own
clone3       errno=ENOSYS     # glibc then falls back to clone, whose flags a filter can see
fork                          # dnsmasq answers each TCP client in a process
vfork                         # posix_spawn
execve                        # ip, nft, dnsmasq; they inherit this filter and have no new rights
wait4                         # for them
waitid                        # the same
kill                          # dnsmasq that is to end
pidfd_open                    # when it has ended
exit                          # threads
exit_group                    # the end
set_robust_list               # programs that start
rseq                          # the same
set_tid_address               # the same
arch_prctl                    # the same
prctl                         # the death signal of dnsmasq, its capabilities
setuid                        # dnsmasq becomes nobody
setgid                        # the same
setgroups                     # the same
setresuid                     # the same
setresgid                     # the same
capget                        # the same
capset                        # the same
setsid                        # leads a session
getpid                        # in its state
getppid                       # whether it lost its parent
getpgrp                       # the C library
gettid                        # abort()
tgkill                        # abort(), which must be seen
getuid                        # programs
geteuid                       # the same
getgid                        # the same
getegid                       # the same
getgroups                     # the same

# Waiting and time
epoll_create1                 # the loop
epoll_ctl                     # the same
epoll_wait                    # the same
epoll_pwait                   # the same, by a newer C library
eventfd2                      # the same
signalfd4                     # the same
poll                          # programs
ppoll                         # the same
select                        # programs
pselect6                      # the same
clock_gettime                 # where the kernel has no vDSO clock
clock_nanosleep               # programs
nanosleep                     # the same
gettimeofday                  # the same
time                          # the same
times                         # dnsmasq's clock that never goes back
alarm                         # dnsmasq's next event
setitimer                     # the same
restart_syscall               # after a stop and a continue
rt_sigaction                  # signals
rt_sigprocmask                # the same
rt_sigreturn                  # the same
rt_sigsuspend                 # the same
sigaltstack                   # the same

# Memory and the system
brk                           # memory
mmap                          # memory
munmap                        # memory
mremap                        # memory
mprotect                      # shared libraries
madvise                       # memory
futex                         # locks of the C library
getrandom                     # query ids, hash seeds
uname                         # programs
sysinfo                       # dnsmasq
prlimit64                     # how many descriptors there may be
getrlimit                     # the same
setrlimit                     # the same
sched_getaffinity             # libraries
