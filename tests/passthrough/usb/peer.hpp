// The guest's end of usbredir, as QEMU has it: the parser of usbredir itself, on a socket.
#pragma once

#include <usbredirparser.h>

#include <functional>
#include <memory>
#include <string>

#include "base/fd.hpp"

namespace bulkhead::testing_support {

class Peer {
  public:
    explicit Peer(Fd socket);

    // Reads until it holds, for at most ten seconds.
    bool until(const std::function<bool(const Peer&)>& holds);

    // Asks the device for its device descriptor (USB 2.0, 9.4.3): `descriptor` is what it answers.
    void ask_descriptor();

    bool greeted = false;       // the other end said hello
    std::string version;        // what it calls itself
    unsigned connected = 0;     // devices that were announced
    unsigned disconnected = 0;  // and taken away
    unsigned vendor = 0;        // of the latest
    unsigned product = 0;
    std::string descriptor;
    bool hung_up = false;
    int fd() const { return socket_.get(); }

  private:
    struct Destroy {
        void operator()(usbredirparser* parser) const { usbredirparser_destroy(parser); }
    };
    static Peer& of(void* self) { return *static_cast<Peer*>(self); }

    Fd socket_;
    std::unique_ptr<usbredirparser, Destroy> parser_;
};

}  // namespace bulkhead::testing_support
