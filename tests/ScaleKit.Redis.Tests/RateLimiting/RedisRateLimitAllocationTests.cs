using System.Globalization;
using ScaleKit.RateLimiting;
using ScaleKit.Redis.Tests.Connection;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>Bytes that one acquire allocates, the client's own and those of the calling loop included, while 64 callers are at it.</summary>
[Collection(nameof(Alone))]
public sealed class RedisRateLimitAllocationTests : IAsyncLifetime
{
    private const int Most = 250;
    private static readonly string[] Keys = [.. Enumerable.Range(0, 1_000).Select(i => "user-" + i.ToString(CultureInfo.InvariantCulture))];
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private RedisRateLimitStore _store = null!;

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

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    public async Task AcquireAsync_64Callers_StaysWithinItsLimit(int keys)
    {
        var policy = new RateLimitPolicy("wide", RateLimitPolicy.MaximumLimit, TimeSpan.FromSeconds(1));
        var bytes = await AllocationTests.PerCallAsync(async calls =>
        {
            while (--calls >= 0)
            {
                await _store.AcquireAsync(new RateLimitCharge(policy, Keys[calls * 31 % keys]));
            }
        });
        Assert.InRange(bytes, 0, Most);
    }

    [Fact]
    public async Task AcquireAsync_Refused_AllocatesNothing()
    {
        var policy = new RateLimitPolicy("narrow", 1, TimeSpan.FromHours(1));
        var charge = new RateLimitCharge(policy, "k");
        await _store.AcquireAsync(charge);
        await _store.AcquireAsync(charge);
        var bytes = await AllocationTests.PerCallAsync(async calls =>
        {
            while (--calls >= 0)
            {
                await _store.AcquireAsync(charge);
            }
        });
        Assert.InRange(bytes, 0, 3);
    }
}
