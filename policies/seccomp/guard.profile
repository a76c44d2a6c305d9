# What bulkhead-guard may ask of the gateway's kernel once it serves: it handles bytes of guests and of machines on the field's
# network. Its control socket is bound before it enters this, and its network set up. What is left is streams: to listen, to
# accept, to connect, to carry. No other sockets, no processes, programs, links, and no file but what it is told.

# Bytes
read                          # events, what it is told
write                         # log lines
recvfrom                      # requests, answers, the control socket
sendto                        # the same
close                         # what has ended
fcntl                         # descriptor flags

# What it is told
open                          # C libraries differ in which call they use
openat                        # its order, read anew
fstat                         # how long it is
newfstatat                    # the same, by a newer C library
statx                         # the same, by a newer one still

# Streams and nothing else: SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
socket    arg1=0x80801        # a listener, a connection to a server
bind                          # a port; the address of the client that is spoken for
listen                        # a port
accept4                       # clients, the manager
connect                       # servers
getsockname                   # whom a client meant
getsockopt                    # whether a connection stands; who connected (SO_PEERCRED)
setsockopt                    # addresses of others, no delay, how to end

# Waiting and time
epoll_ctl                     # the loop
epoll_wait                    # the loop
epoll_pwait                   # the loop, by a newer C library
clock_gettime                 # where the kernel has no vDSO clock
restart_syscall               # after a stop and a continue

# Memory and the end
brk                           # heap
mmap                          # heap
munmap                        # giving it back
mremap                        # growing blocks
madvise                       # giving it back early
futex                         # locks of the C library
getpid                        # in its state
getrandom                     # allocator and hash seeds
rt_sigreturn                  # from a signal handler
rt_sigprocmask                # abort()
gettid                        # abort()
tgkill                        # abort(), which must be seen
exit                          # the end
exit_group                    # the end
