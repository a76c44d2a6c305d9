// The network interfaces that ports stand on: taps and pairs that we make, network cards that we take over.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "model/layout.hpp"
#include "model/resources.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet {

// Whether a port of this kind stands on one of its own.
bool has_interface(model::PortKind kind);

class Interfaces {
  public:
    // `links` outlives this.
    Interfaces(model::Layout layout, Links& links) : layout_(std::move(layout)), links_(links) {}

    // Code::conflict or Code::refused if what is there by this name is someone else's.
    Result<std::optional<Link>> find(const model::Port& port) const;
    // It is marked as ours and shut off from the host's own network stack, and down. `there`: what find()
    // found.
    Result<Link> prepare(const model::Port& port, const std::optional<Link>& there);
    // As prepare() left it, and up.
    bool is_sound(const model::Port& port, const Link& link) const;
    Result<> set_up(const Link& link);
    // Removes what was made, and gives back what was taken over: down, with the settings of a new one.
    Result<> give_up(const Link& link, model::PortKind kind);

    // Code::refused if the host uses this card, by whatever it has on it.
    Result<> may_be_taken(const Link& link) const;

  private:
    Result<Link> make(const model::Port& port);
    Result<Link> make_tap(const model::Port& port);
    Result<Link> made(const model::Port& port) const;

    const model::Layout layout_;
    Links& links_;
};

}  // namespace bulkhead::vnet
