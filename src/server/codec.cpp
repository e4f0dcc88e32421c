#include "codec.hpp"

#include "sqlgrey/milter/session.hpp"

namespace sqlgrey::server {
namespace {

class PolicyCodec final : public Codec {
  public:
    std::size_t read(std::string_view bytes, std::size_t most, std::vector<policy::Request>& requests,
                     std::string& /*output*/) override {
        return parser_.feed(bytes, requests, most);
    }
    void write(const policy::Reply& reply, std::string& output) override { output += policy::encode(reply); }
    bool ended() const override { return false; }
    std::string_view fault() const override { return {}; }
    bool midway() const override { return parser_.midway(); }
    std::string begun() const override { return parser_.begun(); }
    void resume(std::string_view begun) override {
        std::vector<policy::Request> none;  // the start of a request completes none
        parser_.feed(begun, none, 1);
    }

  private:
    policy::Parser parser_;
};

class MilterCodec final : public Codec {
  public:
    explicit MilterCodec(const MilterOptions& options) : session_(options.name, options.adds_header) {}

    std::size_t read(std::string_view bytes, std::size_t /*most*/, std::vector<policy::Request>& requests,
                     std::string& output) override {
        return session_.feed(bytes, requests, output);
    }
    void write(const policy::Reply& reply, std::string& output) override { session_.answer(reply, output); }
    bool ended() const override { return session_.ended(); }
    std::string_view fault() const override { return session_.fault(); }
    bool midway() const override { return session_.midway(); }
    std::string begun() const override { return session_.to_text(); }
    // Without a text it is a new connection.
    void resume(std::string_view begun) override {
        if (!begun.empty()) session_.resume(begun);
    }

  private:
    milter::Session session_;
};

}  // namespace

std::unique_ptr<Codec> make_codec(Front front, const MilterOptions& milter) {
    if (front == Front::milter) return std::make_unique<MilterCodec>(milter);
    return std::make_unique<PolicyCodec>();
}

}  // namespace sqlgrey::server
