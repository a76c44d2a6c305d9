# What bulkhead-can may ask of the gateway's kernel once it serves: it carries frames between a guest's interface and a CAN bus,
# and has no business but that. Its sockets are open before it enters this; all that is left is to accept the manager, to find
# the bus's interface in sysfs again, and to bind its one socket to that. No new sockets, processes, signals, programs or links.

# Frames and bytes
recvmmsg                   # frames
sendmmsg                   # frames
read                       # sysfs, signals
write                      # log lines, waking itself
recvfrom                   # requests on the control socket, the kernel's events
sendto                     # its state on the control socket
accept                     # the manager
accept4                    # the manager
getsockopt                 # who connected (SO_PEERCRED); what went wrong with a socket (SO_ERROR)
close                      # what has ended

# The controller that went away and comes back
bind                       # the bus's socket, to its interface
setsockopt arg1=0x65       # SOL_CAN_RAW: what that may hear, which the kernel forgets with an interface
open                       # sysfs; C libraries differ in which call they use
openat                     # the same
stat                       # sysfs
lstat                      # sysfs
fstat                      # what is read
newfstatat                 # the same, by a newer C library
statx                      # the same, by a newer one still
access                     # sysfs
readlink                   # places in sysfs
readlinkat                 # the same
getcwd                     # places in sysfs
getdents64                 # the interfaces
fcntl                      # folders that are listed
lseek                      # files, from their beginning

# Waiting and time
epoll_ctl                  # the loop
epoll_wait                 # the loop
epoll_pwait                # the loop, by a newer C library
poll                       # whether a client has left
ppoll                      # the same, by a newer C library
clock_gettime              # where the kernel has no vDSO clock
restart_syscall            # after a stop and a continue

# Memory and the end
brk                        # heap
mmap                       # heap
munmap                     # giving it back
mremap                     # growing blocks
madvise                    # giving it back early
futex                      # locks of the C library
getpid                     # in its state
getrandom                  # allocator and hash seeds
rt_sigreturn               # from a signal handler
rt_sigprocmask             # abort()
gettid                     # abort()
tgkill                     # abort(), which must be seen
exit                       # the end
exit_group                 # the end
