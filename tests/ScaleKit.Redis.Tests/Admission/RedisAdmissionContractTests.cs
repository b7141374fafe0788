using ScaleKit.Admission;
using ScaleKit.Admission.Tests;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>The contract of a queue, over two nodes and a real server.</summary>
public sealed class RedisAdmissionContractTests(SeatServer server) : AdmissionContract, IClassFixture<SeatServer>
{
    protected override (AdmissionQueue One, AdmissionQueue Other) Open(AdmissionOptions options)
    {
        options.StoreLease = AdmissionNode.Lease;
        var store = new RedisSeatStore(server.Connection, server.TakeQueue());
        return (new AdmissionQueue(options, store: store), new AdmissionQueue(options, store: store));
    }
}
