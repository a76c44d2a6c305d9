# What bulkhead-line may ask of the gateway's kernel once it serves: it handles bytes of several guests and of the devices at
# their line, and has no business but carrying requests and answers. Its control socket is bound before it enters this; all that
# is left is to open the line again, and to make terminals that stand for it. No sockets, processes, signals or programs.

# Bytes
read                       # the line, terminals, inotify, signals
write                      # the line, terminals, why the line is not there, log lines
recvfrom                   # requests on the control socket
sendto                     # its state on the control socket
accept                     # the manager
accept4                    # the manager
getsockopt                 # who connected (SO_PEERCRED)
close                      # what has ended

# The terminal that went away and comes back
open                       # the terminal; C libraries differ in which call they use
openat                     # the terminal
stat                       # where its path leads
lstat                      # how old its link is
fstat                      # that it is what was looked at
newfstatat                 # the same, by a newer C library
statx                      # the same, by a newer one still
flock                      # have it alone
ioctl     arg1=0x5401      # TCGETS: the line's settings
ioctl     arg1=0x5402      # TCSETS
ioctl     arg1=0x802C542A  # TCGETS2, by a newer C library
ioctl     arg1=0x402C542B  # TCSETS2
ioctl     arg1=0x540B      # TCFLSH: stale bytes
ioctl     arg1=0x540C      # TIOCEXCL: have it alone
ioctl     arg1=0x542E      # TIOCGRS485: how the line was turned around before
ioctl     arg1=0x542F      # TIOCSRS485: that its driver does it
inotify_add_watch          # its folder, when that comes back

# Terminals that stand for the line, and the file beside them that says why there are none
ioctl     arg1=0x80045430  # TIOCGPTN: which terminal it is
ioctl     arg1=0x40045431  # TIOCSPTLCK: that it may be opened
symlink                    # its name, for the owner of the device
rename                     # that name, and the file, in place of the former one
unlink                     # what has ended
fchmod                     # of the file: root's alone
fsync                      # of the file, which is replaced whole

# Waiting and time
epoll_ctl                  # the loop
epoll_wait                 # the loop
epoll_pwait                # the loop, by a newer C library
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
