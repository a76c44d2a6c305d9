// A BPF map with the types of its keys and values. Every call is one or a few system calls on a shared kernel
// object: safe from any thread. Defined in program.cpp, the one place that knows libbpf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::vnet {

namespace raw {
Result<> put(int map, const void* key, const void* value);
Result<bool> find(int map, const void* key, void* value);
Result<> erase(int map, const void* key);  // one that is not there is fine
// All entries, keys and values each in one row. While others write, an entry may be missed or come twice.
Result<std::size_t> read_all(int map, std::size_t key_size, std::size_t value_size,
                             std::vector<std::byte>& keys, std::vector<std::byte>& values);
// Of a per-CPU map: `cells` 64-bit numbers each, added up over all CPUs.
Result<std::vector<std::uint64_t>> sum(int map, const void* key, std::size_t cells);
Result<> clear(int map, const void* key, std::size_t cells);
}  // namespace raw

template <class Key, class Value>
class Map {
    static_assert(std::has_unique_object_representations_v<Key>, "padding would be part of the key");
    static_assert(std::is_trivially_copyable_v<Value>);

  public:
    explicit Map(int fd) : fd_(fd) {}

    Result<> put(const Key& key, const Value& value) { return raw::put(fd_, &key, &value); }
    Result<> erase(const Key& key) { return raw::erase(fd_, &key); }
    Result<std::optional<Value>> find(const Key& key) const {
        Value value{};
        BULKHEAD_TRY_ASSIGN(const bool found, raw::find(fd_, &key, &value));
        return found ? std::optional(value) : std::nullopt;
    }
    Result<std::vector<std::pair<Key, Value>>> entries() const {
        std::vector<std::byte> keys;
        std::vector<std::byte> values;
        BULKHEAD_TRY_ASSIGN(const std::size_t count,
                            raw::read_all(fd_, sizeof(Key), sizeof(Value), keys, values));
        std::vector<std::pair<Key, Value>> entries(count);
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(&entries[i].first, &keys[i * sizeof(Key)], sizeof(Key));
            std::memcpy(&entries[i].second, &values[i * sizeof(Value)], sizeof(Value));
        }
        return entries;
    }

  private:
    int fd_;
};

// A per-CPU array of structs that are nothing but 64-bit counters.
template <class Value>
class Counters {
    static_assert(sizeof(Value) % sizeof(std::uint64_t) == 0);

  public:
    explicit Counters(int fd) : fd_(fd) {}

    Result<Value> sum(unsigned index) const {
        BULKHEAD_TRY_ASSIGN(const auto cells, raw::sum(fd_, &index, sizeof(Value) / sizeof(std::uint64_t)));
        Value value{};
        std::memcpy(&value, cells.data(), sizeof value);
        return value;
    }
    Result<> clear(unsigned index) { return raw::clear(fd_, &index, sizeof(Value) / sizeof(std::uint64_t)); }

  private:
    int fd_;
};

}  // namespace bulkhead::vnet
