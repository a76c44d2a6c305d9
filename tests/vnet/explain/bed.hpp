// A small network by hand, as compile() renders it: two taps and a router in one zone, a tap in another, a
// host behind a wire, an outside.
#pragma once

#include <string>

#include "vnet/explain/evaluate.hpp"
#include "vnet/explain/words.hpp"

namespace bulkhead::vnet::test {

struct Bed {
    Bed();
    // Between ports by name; the rule's number.
    RuleNumber allow(const std::string& from, const std::string& to, model::Transport transport,
                     unsigned port);
    void compile_again() { ir = compile(network); }

    // On the interface where `words.from` is at home, wrapped as its owner would; the memory takes it.
    explain::Decision send(const std::string& words);
    explain::Decision send(std::uint32_t ifindex, const std::vector<std::uint8_t>& frame);
    std::vector<std::uint8_t> frame(const std::string& words) const;
    std::uint32_t home(const std::string& words) const;

    Network network;
    Ir ir;
    explain::Memory memory;
};

inline constexpr std::uint32_t robot = 11;   // 10.1.0.10, fd00:1::10
inline constexpr std::uint32_t press = 12;   // 10.1.0.11
inline constexpr std::uint32_t router = 13;  // 10.1.0.1
inline constexpr std::uint32_t admin = 14;   // 10.2.0.10, in a zone of its own
inline constexpr std::uint32_t wire = 15;    // the PLC 10.3.0.10 behind it, under tag 30

}  // namespace bulkhead::vnet::test
