using System.Collections.Concurrent;
using ScaleKit.RateLimiting;
using ScaleKit.RateLimiting.Tests;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>The contract of every store, on a real server, with permits taken ahead under every policy.</summary>
public sealed class RedisRateLimitLeaseContractTests : RateLimitStoreContract, IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private RedisRateLimitStore _store = null!;

    protected override IRateLimitStore Store => new Leasing(_store);

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await Connect.To(_server).ReadyAsync();
        _store = new RedisRateLimitStore(_connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Closed });
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    protected override Task PassAsync(TimeSpan time) => RedisRateLimitStoreContractTests.PassAsync(_server, time);

    /// <summary>Makes the policies of the contract such that permits are taken ahead.</summary>
    private sealed class Leasing(IRateLimitStore store) : IRateLimitStore
    {
        private static readonly ConcurrentDictionary<RateLimitPolicy, RateLimitPolicy> Leased = new();

        public RateLimitDecision AttemptAcquire(in RateLimitCharge charge) => store.AttemptAcquire(Of(charge));

        public ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default) => store.AcquireAsync(Of(charge), cancellationToken);

        public ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default) =>
            store.AcquireAllAsync(Array.ConvertAll(charges.ToArray(), charge => Of(charge)), cancellationToken);

        public ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default) => store.SettleAsync(Of(charge), actual, cancellationToken);

        private static RateLimitCharge Of(in RateLimitCharge charge) => charge.Policy is null ? charge : new(
            Leased.GetOrAdd(charge.Policy, static p => new RateLimitPolicy(p.Name, p.Limit, p.Window, p.Buckets) { LeaseLimit = 50 }),
            charge.Key,
            charge.Permits);
    }
}
