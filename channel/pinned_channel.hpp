// A gRPC channel (TLS 1.3) to the console whose CA was pinned; for the gateway's uplink and for the command.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "crypto/certificate.hpp"

namespace bulkhead::channel {

// What a channel learned while it shook hands; readable from any thread.
class Handshake {
  public:
    virtual ~Handshake() = default;
    virtual std::string ca_pem() const = 0;            // of the pinned CA; empty: no handshake yet
    virtual std::optional<Error> problem() const = 0;  // why the last one was refused, if it was
};

struct Pinned {
    std::string address;      // HOST:PORT
    std::string pin;          // SHA-256 of the CA, hexadecimal
    std::string ca_pem;       // if it is known already
    std::string key;          // PEM of the client's own identity; empty: none
    std::string certificate;  // PEM
    std::optional<crypto::UtcSeconds> known_time;
    bool keepalive = false;  // notices within half a minute that the other side is gone
};

struct Channel {
    std::shared_ptr<grpc::Channel> channel;
    std::shared_ptr<Handshake> handshake;  // shared with gRPC's threads
};

Channel open_pinned(const Pinned& pinned);

}  // namespace bulkhead::channel
