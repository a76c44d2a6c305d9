#include "vnet/map.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>

#include "vnet/bpf_error.hpp"

namespace bulkhead::vnet::raw {

Result<> put(int map, const void* key, const void* value) {
    const int result = bpf_map_update_elem(map, key, value, BPF_ANY);
    if (result == -E2BIG || result == -ENOSPC)
        return fail(Code::refused, "the switch has no room for another entry", "the kernel's map");
    if (result != 0) return fail_bpf(result, "can't write to a map of the switch");
    return {};
}

Result<bool> find(int map, const void* key, void* value) {
    const int result = bpf_map_lookup_elem(map, key, value);
    if (result == 0) return true;
    if (result == -ENOENT) return false;
    return fail_bpf(result, "can't read a map of the switch");
}

Result<> erase(int map, const void* key) {
    const int result = bpf_map_delete_elem(map, key);
    if (result != 0 && result != -ENOENT) return fail_bpf(result, "can't delete from a map of the switch");
    return {};
}

Result<std::size_t> read_all(int map, std::size_t key_size, std::size_t value_size,
                             std::vector<std::byte>& keys, std::vector<std::byte>& values) {
    constexpr std::uint32_t batch = 4096;
    std::size_t total = 0;
    // A bucket of a hash; of other maps the last key.
    std::vector<std::byte> cursor(std::max(key_size, sizeof(std::uint32_t)));
    bool first = true;
    while (true) {
        keys.resize((total + batch) * key_size);
        values.resize((total + batch) * value_size);
        std::uint32_t count = batch;
        const int result =
            bpf_map_lookup_batch(map, first ? nullptr : cursor.data(), cursor.data(), &keys[total * key_size],
                                 &values[total * value_size], &count, nullptr);
        if (result != 0 && result != -ENOENT) return fail_bpf(result, "can't list a map of the switch");
        total += count;
        first = false;
        if (result == -ENOENT) return total;
    }
}

Result<std::vector<std::uint64_t>> sum(int map, const void* key, std::size_t cells) {
    const int cpus = libbpf_num_possible_cpus();
    if (cpus < 0) return fail_bpf(cpus, "can't count the processors");
    std::vector<std::uint64_t> all(cells * static_cast<std::size_t>(cpus));
    if (const int result = bpf_map_lookup_elem(map, key, all.data()); result != 0)
        return fail_bpf(result, "can't read a counter of the switch");
    std::vector<std::uint64_t> total(cells);
    for (std::size_t i = 0; i < all.size(); ++i) total[i % cells] += all[i];
    return total;
}

Result<> clear(int map, const void* key, std::size_t cells) {
    const int cpus = libbpf_num_possible_cpus();
    if (cpus < 0) return fail_bpf(cpus, "can't count the processors");
    const std::vector<std::uint64_t> zeros(cells * static_cast<std::size_t>(cpus));
    return put(map, key, zeros.data());
}

}  // namespace bulkhead::vnet::raw
