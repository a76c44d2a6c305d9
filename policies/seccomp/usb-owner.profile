# What bulkhead-usb may ask of the gateway's kernel once it serves: it carries transfers between a guest and the device at one
# port, and has no business but that. Its sockets are bound and the kernel's events are listened to before it enters this; all
# that is left is to accept, to look in sysfs what is plugged in, and to open that again. No new sockets, processes, signals,
# programs or links, and no mount or driver of its own: the kernel's drivers are asked through the device's node.

# Bytes
read                       # descriptors, sysfs, signals, timers
write                      # log lines, waking itself
recvfrom                   # the guest, requests on the control socket, the kernel's events
sendto                     # the guest, its state on the control socket
accept                     # the guest, the manager
accept4                    # the guest, the manager
getsockopt                 # who connected (SO_PEERCRED)
close                      # what has ended

# What is plugged in at the port, and whether the gateway needs it
open                       # sysfs and the device's node; C libraries differ in which call they use
openat                     # the same
stat                       # sysfs
lstat                      # sysfs
fstat                      # that the node is the one of the port
newfstatat                 # the same, by a newer C library
statx                      # the same, by a newer one still
access                     # sysfs
readlink                   # drivers and places in sysfs
readlinkat                 # the same
getcwd                     # places in sysfs
getdents64                 # the buses
fcntl                      # folders that are listed
lseek                      # descriptors, from their beginning

# The device (linux/usbdevice_fs.h)
ioctl     arg1=0xC0185500  # USBDEVFS_CONTROL
ioctl     arg1=0x80045503  # USBDEVFS_RESETEP
ioctl     arg1=0x80085504  # USBDEVFS_SETINTERFACE
ioctl     arg1=0x80045505  # USBDEVFS_SETCONFIGURATION
ioctl     arg1=0x41045508  # USBDEVFS_GETDRIVER: whether the kernel has it
ioctl     arg1=0x8038550A  # USBDEVFS_SUBMITURB: transfers
ioctl     arg1=0x550B      # USBDEVFS_DISCARDURB
ioctl     arg1=0x4008550C  # USBDEVFS_REAPURB
ioctl     arg1=0x4008550D  # USBDEVFS_REAPURBNDELAY
ioctl     arg1=0x8004550F  # USBDEVFS_CLAIMINTERFACE
ioctl     arg1=0x80045510  # USBDEVFS_RELEASEINTERFACE
ioctl     arg1=0x40085511  # USBDEVFS_CONNECTINFO
ioctl     arg1=0xC0105512  # USBDEVFS_IOCTL: take it from the kernel's driver, and give it back
ioctl     arg1=0x5514      # USBDEVFS_RESET
ioctl     arg1=0x80045515  # USBDEVFS_CLEAR_HALT
ioctl     arg1=0x8004551A  # USBDEVFS_GET_CAPABILITIES
ioctl     arg1=0x8108551B  # USBDEVFS_DISCONNECT_CLAIM
ioctl     arg1=0x8008551C  # USBDEVFS_ALLOC_STREAMS
ioctl     arg1=0x8008551D  # USBDEVFS_FREE_STREAMS
ioctl     arg1=0x551F      # USBDEVFS_GET_SPEED

# Waiting and time
epoll_ctl                  # the loop
epoll_wait                 # the loop
epoll_pwait                # the loop, by a newer C library
poll                       # libusb; whether a client has left
ppoll                      # the same, by a newer C library
timerfd_settime            # timeouts of transfers
clock_gettime              # where the kernel has no vDSO clock
restart_syscall            # after a stop and a continue

# Memory and the end
brk                        # heap
mmap                       # heap, buffers of transfers
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
