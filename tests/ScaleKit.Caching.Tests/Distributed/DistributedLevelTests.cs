namespace ScaleKit.Caching.Tests;

public sealed class DistributedLevelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WriteAndRead_EitherInterface_KeepsTheBytesUnderAKeyOfItsOwn(bool withBuffers)
    {
        var store = withBuffers ? new BufferStore() : new MemoryStore();
        var level = new DistributedLevel(store, "c", new CacheVersions(16));
        using var buffer = new PooledBuffer();

        Assert.False(await level.TryReadAsync("k", buffer, default));
        await level.WriteAsync("k", new byte[] { 1, 2, 3 }, TimeSpan.MaxValue, default);
        Assert.True(await level.TryReadAsync("k", buffer, default));

        Assert.Equal([1, 2, 3], buffer.Span.ToArray());
        Assert.Equal(MonotonicClock.Longest, store.Lifetimes["c:k"]);
        await level.RemoveAsync("k", default);
        Assert.Empty(store.Values);
    }
}
