// What left_checksums.bpf.c says of a frame; C and C++ read it.
#ifndef BULKHEAD_VNET_BPF_LEFT_CHECKSUMS_H
#define BULKHEAD_VNET_BPF_LEFT_CHECKSUMS_H

enum left_checksum {
    left_unread,    /* parse.h refuses the frame */
    left_in_place,  /* none is left to do, or one in its place */
    left_elsewhere, /* one would be written elsewhere, or the frame be cut amiss: the switch drops it */
};

#endif
