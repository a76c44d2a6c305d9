// Asks the kernel about each frame what the switch asks about a guest's (offload.h), and tells who sent it.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stddef.h>

#include "layout.h"
#include "left_checksums.h"
#include "offload.h"
#include "parse.h"

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} answers SEC(".maps");

SEC("tc")
int look_at_checksum(struct __sk_buff* skb) {
    struct packet packet = {};
    __u32 answer = left_unread;
    if (parse(skb, &packet) == PASSES) {
        const int amiss = writes_elsewhere(skb, &packet) || is_cut_amiss(skb, &packet);
        answer = amiss ? left_elsewhere : left_in_place;
    }
    bpf_ringbuf_output(&answers, &answer, sizeof answer, 0);
    return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Apache-2.0";
