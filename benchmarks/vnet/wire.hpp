// Where a bed's frames go in and come out, as a guest or its QEMU would hold it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "benchmarks/vnet/injector.hpp"

namespace bulkhead::bench {

using Frame = std::vector<std::uint8_t>;

class Wire {
  public:
    Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    virtual ~Wire() = default;

    // Many, as fast as they go in.
    virtual Result<> pour(const Frame& frame, unsigned count) = 0;
    // Frames that came out here so far.
    virtual Result<std::uint64_t> arrived() = 0;

    // One at a time, between listen() and mute().
    virtual Result<> listen() = 0;
    virtual void mute() = 0;
    virtual Result<> send(const Frame& frame) = 0;
    // Waits for the next one of that size, past others; false when none comes.
    virtual Result<bool> receive(std::size_t size, std::chrono::milliseconds patience) = 0;
};

// The switch's end of a veth is NAME, the guest's NAME-end. Frames are poured in by the kernel itself, at the
// switch's end.
class VethWire final : public Wire {
  public:
    static Result<std::unique_ptr<Wire>> open(const std::string& name);
    Result<> pour(const Frame& frame, unsigned count) override;
    Result<std::uint64_t> arrived() override;
    Result<> listen() override;
    void mute() override { socket_.reset(); }
    Result<> send(const Frame& frame) override;
    Result<bool> receive(std::size_t size, std::chrono::milliseconds patience) override;

  private:
    explicit VethWire(std::string name) : name_(std::move(name)) {}

    std::string name_;
    std::optional<Injector> injector_;  // of the one wire of a bed that pours
    Fd socket_;
};

// A tap, written and read as QEMU does it without vhost: one frame a system call, behind a virtio_net_hdr.
class TapWire final : public Wire {
  public:
    static Result<std::unique_ptr<Wire>> open(const std::string& name);
    Result<> pour(const Frame& frame, unsigned count) override;
    Result<std::uint64_t> arrived() override;
    Result<> listen() override;
    void mute() override {}
    Result<> send(const Frame& frame) override;
    Result<bool> receive(std::size_t size, std::chrono::milliseconds patience) override;

  private:
    explicit TapWire(Fd tap) : tap_(std::move(tap)) {}
    // The size of one that waits; 0: none does.
    Result<std::size_t> take();

    Fd tap_;
    std::uint64_t arrived_ = 0;
};

}  // namespace bulkhead::bench
