# What bulkhead-capture may ask of the gateway's kernel once its sockets are open: it copies frames of guests and has no
# business but reading them and handing them to the manager. What can send is bound to the manager's socket, so that no frame
# can be put on an interface. No new sockets, files, processes or signals.

# Frames in, pieces out
recvmsg                    # frames
sendto      arg0=3         # pieces, to the manager alone
poll                       # frames, and whether the manager is still there
ppoll                      # the same, by a newer C library
getsockopt                 # how many frames were lost
getsockname                # whether an interface is still there
write       arg0=2         # log lines
close                      # what has ended

# Waiting and time
clock_gettime              # where the kernel has no vDSO clock
restart_syscall            # after a stop and a continue

# Memory and the end
brk                        # heap
mmap                       # heap
munmap                     # giving it back
mremap                     # growing blocks
madvise                    # giving it back early
futex                      # locks of the C library
getrandom                  # allocator
rt_sigreturn               # from a signal handler
rt_sigprocmask             # abort()
getpid                     # abort()
gettid                     # abort()
tgkill                     # abort(), which must be seen
exit                       # the end
exit_group                 # the end
