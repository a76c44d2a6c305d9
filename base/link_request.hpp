// One request of rtnetlink(7) about a network interface, attribute by attribute, and the kernel's answer. For
// who needs a few of them and no library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead {

class LinkRequest {
  public:
    // `type` and `flags` are those of a netlink message: RTM_NEWLINK, NLM_F_CREATE. Index 0: an interface
    // that is to be made, or that an attribute names.
    LinkRequest(std::uint16_t type, unsigned index, std::uint16_t flags = 0);

    // IFF_UP and others, as they are to be; the rest stays as it is.
    void set_flags(unsigned flags, unsigned mask);
    // An attribute that holds others: returns where it begins, for end().
    std::size_t begin(std::uint16_t type) { return put(type, nullptr, 0); }
    void end(std::size_t at);
    std::size_t put(std::uint16_t type, const void* value, std::size_t length);
    void put(std::uint16_t type, const std::string& text) { put(type, text.c_str(), text.size() + 1); }

    // `what` is for errors: what they are about. Code::not_found if there is no such interface,
    // Code::unsupported if it can't do that.
    Result<> send(const std::string& what);
    // The attributes of the interface in the answer: of RTM_GETLINK.
    struct Answer {
        unsigned index = 0;
        unsigned flags = 0;
        std::vector<std::byte> attributes;
    };
    Result<Answer> ask(const std::string& what);

  private:
    Result<std::vector<std::byte>> exchange(const std::string& what);

    // Room for a name, an alias and a rate in four layers of attributes.
    alignas(8) std::array<std::byte, 1024> bytes_{};
    std::size_t size_ = 0;
};

// The first attribute of that type, without its head; empty if there is none.
std::span<const std::byte> find_attribute(std::span<const std::byte> attributes, std::uint16_t type);
// One that is text, up to its NUL.
std::string text_attribute(std::span<const std::byte> attributes, std::uint16_t type);

}  // namespace bulkhead
