// A program that is held up in the middle: it says that it has begun, goes on when it is let, and says that
// it ends.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

// As struct Progress of grace_test.cpp.
volatile struct {
    __u32 begun;
    __u32 let_go;
    __u32 ended;
} progress;

static long wait_a_little(__u32 turn, void* unused) {
    (void)turn;
    (void)unused;
    return progress.let_go != 0;
}

static long wait_longer(__u32 turn, void* unused) {
    (void)turn;
    (void)unused;
    bpf_loop(1 << 20, wait_a_little, 0, 0);
    return progress.let_go != 0;
}

SEC("tc")
int held_up(struct __sk_buff* skb) {
    (void)skb;
    progress.begun = 1;
    bpf_loop(1 << 9, wait_longer, 0, 0);  // some seconds at most
    progress.ended = 1;
    return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Apache-2.0";
