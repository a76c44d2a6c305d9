# What a vendor's application may ask of its partition's kernel. Whatever is missing here fails with EPERM and is reported to
# the gateway by name. Left out on purpose: everything that changes the machine (mount, modules, clocks, reboot, swap, keys),
# that looks into other processes (ptrace, process_vm_*), that widens the kernel's attack surface without need (bpf, perf,
# io_uring, userfaultfd, namespaces), or that makes new sockets of unusual families.

# Memory
brk                        # heap
mmap                       # heap, files, libraries
mremap                     # growing blocks
munmap                     # giving them back
mprotect                   # guard pages, relocation
madvise                    # giving memory back early
mlock                      # real-time code that may not page
munlock                    # its end
mlockall                   # the same for everything
munlockall                 # its end
msync                      # mapped files
mincore                    # allocators that ask
membarrier                 # lock-free code
memfd_create               # anonymous files

# Files
read                       # all input
write                      # all output
readv                      # gathered
writev                     # gathered
pread64                    # at an offset
pwrite64                   # at an offset
preadv                     # gathered, at an offset
pwritev                    # gathered, at an offset
preadv2                    # gathered, at an offset
pwritev2                   # gathered, at an offset
open                       # old programs
openat                     # files, serial lines
openat2                    # language runtimes
creat                      # old programs
close                      # all of them
close_range                # before exec
lseek                      # position
dup                        # redirecting
dup2                       # redirecting
dup3                       # redirecting
fcntl                      # flags and locks
flock                      # databases
ioctl                      # termios of a serial line, CAN interface index
access                     # looking before opening
faccessat                  # looking before opening
faccessat2                 # looking before opening
stat                       # metadata
fstat                      # metadata
lstat                      # metadata
newfstatat                 # metadata
statx                      # metadata
statfs                     # free space of its volume
fstatfs                    # free space of its volume
readlink                   # /proc/self/exe
readlinkat                 # /proc/self/exe
getdents                   # listing
getdents64                 # listing
getcwd                     # relative paths
chdir                      # relative paths
fchdir                     # relative paths
mkdir                      # its volume
mkdirat                    # its volume
rmdir                      # its volume
rename                     # replacing a file atomically
renameat                   # replacing a file atomically
renameat2                  # replacing a file atomically
link                       # its volume
linkat                     # its volume
symlink                    # its volume
symlinkat                  # its volume
unlink                     # its volume
unlinkat                   # its volume
chmod                      # its own files
fchmod                     # its own files
fchmodat                   # its own files
chown                      # programs that copy owners; only its own files obey
fchown                     # the same
lchown                     # the same
fchownat                   # the same
umask                      # modes of new files
truncate                   # logs, databases
ftruncate                  # logs, databases
fallocate                  # databases
fsync                      # surviving a power cut
fdatasync                  # surviving a power cut
sync_file_range            # databases
utimensat                  # file times
sendfile                   # copying
copy_file_range            # copying
splice                     # copying
fadvise64                  # reading ahead
getxattr                   # copying tools
lgetxattr                  # copying tools
fgetxattr                  # copying tools
listxattr                  # copying tools
inotify_init1              # watching its configuration
inotify_add_watch          # watching its configuration
inotify_rm_watch           # watching its configuration

# Waiting
poll                       # readiness
ppoll                      # readiness
select                     # readiness
pselect6                   # readiness
epoll_create               # readiness
epoll_create1              # readiness
epoll_ctl                  # readiness
epoll_wait                 # readiness
epoll_pwait                # readiness
epoll_pwait2               # readiness
eventfd                    # waking threads
eventfd2                   # waking threads
signalfd                   # signals as input
signalfd4                  # signals as input
pipe                       # between its processes
pipe2                      # between its processes
timerfd_create             # periods
timerfd_settime            # periods
timerfd_gettime            # periods
nanosleep                  # periods
clock_nanosleep            # periods
alarm                      # old programs
pause                      # old programs
setitimer                  # old programs
getitimer                  # old programs
timer_create               # periods
timer_settime              # periods
timer_gettime              # periods
timer_getoverrun           # periods
timer_delete               # periods

# Time: reading only
clock_gettime              # where the vDSO can't answer
clock_getres               # where the vDSO can't answer
gettimeofday               # where the vDSO can't answer
time                       # where the vDSO can't answer
times                      # its own CPU time

# Processes and threads
clone      arg0&0x7E020000=0   # threads and processes; CLONE_NEW* (no namespace of its own) is a violation
clone3     errno=ENOSYS    # its flags are out of a filter's sight; glibc falls back to clone
fork                       # old programs
vfork                      # posix_spawn
execve                     # its own start, helpers
execveat                   # helpers
exit                       # end of a thread
exit_group                 # end
wait4                      # helpers
waitid                     # helpers
kill                       # its own processes; it may signal no other user's
tkill                      # raise
tgkill                     # raise, abort
pidfd_open                 # language runtimes
pidfd_send_signal          # language runtimes
rt_sigaction               # handlers
rt_sigprocmask             # masks
rt_sigpending              # masks
rt_sigqueueinfo            # signals with a value
rt_sigreturn               # return from a handler
rt_sigsuspend              # waiting for a signal
rt_sigtimedwait            # waiting for a signal
sigaltstack                # handlers with a stack of their own
restart_syscall            # the kernel itself, after a stop
futex                      # locks
futex_waitv                # locks
get_robust_list            # locks
set_robust_list            # locks
rseq                       # glibc
set_tid_address            # glibc
arch_prctl                 # glibc: thread-local storage
prctl                      # names of threads; can't give rights back
prlimit64                  # reading limits; it has no right to raise them
getrlimit                  # reading limits
setrlimit                  # lowering its own
getrusage                  # its own use
getpid                     # identity
getppid                    # identity
gettid                     # identity
getuid                     # identity
geteuid                    # identity
getgid                     # identity
getegid                    # identity
getresuid                  # identity
getresgid                  # identity
getgroups                  # identity
setuid                     # programs that give rights back; it has none, and no other identity to take
setgid                     # the same
setresuid                  # the same
setresgid                  # the same
setgroups                  # the same
getpgrp                    # identity
getpgid                    # identity
getsid                     # identity
setpgid                    # shells
setsid                     # helpers that detach
capget                     # language runtimes that ask; it has none
sched_yield                # fairness
sched_getaffinity          # number of CPUs
sched_setaffinity          # pinning inside its own partition
sched_getparam             # real-time code that asks
sched_getscheduler         # real-time code that asks
sched_get_priority_max     # real-time code that asks
sched_get_priority_min     # real-time code that asks
getpriority                # fairness
setpriority                # being nicer
getcpu                     # where the vDSO can't answer
getrandom                  # random numbers
uname                      # version of the kernel
sysinfo                    # memory, uptime

# Sockets: the paths that a conduit opens, and CAN
socket     arg0&0xFFFFFFFF=1           # AF_UNIX, between its own processes
socket     arg0&0xFFFFFFFF=2           # AF_INET, through conduits
socket     arg0&0xFFFFFFFF=10          # AF_INET6: resolvers try it; the partition has no IPv6 address
socket     arg0&0xFFFFFFFF=16          # AF_NETLINK: getifaddrs; without rights it can only read
socket     arg0&0xFFFFFFFF=29          # AF_CAN
socketpair                 # between its own processes
bind                       # servers, CAN
connect                    # clients
listen                     # servers
accept                     # servers
accept4                    # servers
getsockname                # addresses
getpeername                # addresses
getsockopt                 # errors
setsockopt                 # CAN filters, keep-alive
shutdown                   # ends of connections
sendto                     # datagrams
recvfrom                   # datagrams
sendmsg                    # datagrams; and how the agent receives the listener of this filter
recvmsg                    # datagrams
sendmmsg                   # datagrams
recvmmsg                   # datagrams, CAN at full rate
shmget                     # shared memory between its own processes
shmat                      # shared memory between its own processes
shmdt                      # shared memory between its own processes
shmctl                     # shared memory between its own processes
