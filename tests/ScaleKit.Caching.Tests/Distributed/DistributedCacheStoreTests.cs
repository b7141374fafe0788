namespace ScaleKit.Caching.Tests;

public sealed class DistributedCacheStoreTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FillAndRead_EitherInterface_KeepsTheBytes(bool withBuffers)
    {
        var inner = withBuffers ? new BufferStore() : new MemoryStore();
        var store = new DistributedCacheStore(inner);
        using var buffer = new PooledBuffer();

        Assert.False((await store.ReadAsync("c:k", buffer)).IsFound);
        Assert.True(await store.FillAsync("c:k", default, new byte[] { 1, 2, 3 }, TimeSpan.MaxValue));
        Assert.True((await store.ReadAsync("c:k", buffer)).IsFound);

        Assert.Equal([1, 2, 3], buffer.Span.ToArray());
        Assert.Equal(MonotonicClock.Longest, inner.Lifetimes["c:k"]);
        await store.RevokeAsync("c:k", default);
        Assert.Empty(inner.Values);
    }

    [Fact]
    public async Task LeaseAsync_StoreWithoutLeases_GrantsEveryone()
    {
        var store = new DistributedCacheStore(new MemoryStore());
        using var buffer = new PooledBuffer();

        for (var i = 1; i < 3; i++)
            Assert.Equal(FillLeaseState.Granted, (await store.LeaseAsync("c:k", new FillTicket(i, default), 0, TimeSpan.FromSeconds(1), buffer)).State);
    }
}
