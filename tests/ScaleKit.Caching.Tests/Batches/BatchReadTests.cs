using System.Text;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching.Tests;

public sealed class BatchReadTests
{
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task ReadAsync_OneKeySkips_TheOthersAreReadTogetherWhenTheLastHasDecided()
    {
        var batch = New("a", "b", "c");
        await SetAsync("a");
        using PooledBuffer a = new(), b = new();
        var (readingA, readingB) = (batch.ReadAsync("a", a, default).AsTask(), batch.ReadAsync("b", b, default).AsTask());
        Assert.Equal(0, _store.Reads);

        batch.Skip("c");

        Assert.Equal((true, false), ((await readingA).IsFound, (await readingB).IsFound));
        Assert.Equal("a", Encoding.UTF8.GetString(a.Span));
        Assert.Equal(2, _store.Reads);
    }

    [Fact]
    public async Task ReadAsync_KeyThatHasSkipped_IsReadAlone()
    {
        var batch = New("a", "b");
        await SetAsync("a");
        using PooledBuffer buffer = new();
        batch.Skip("a");

        Assert.True((await batch.ReadAsync("a", buffer, default)).IsFound);
        Assert.Equal("a", Encoding.UTF8.GetString(buffer.Span));
    }

    [Fact]
    public async Task ReadAsync_AllHaveLeft_TheReadingIsGivenUpAndTheirBuffersStayUntouched()
    {
        var gate = new Gate();
        _store.BeforeRead = _ => gate.PassAsync();
        var batch = New("a");
        await SetAsync("a");
        using var leaving = new CancellationTokenSource();
        using PooledBuffer buffer = new();
        var reading = batch.ReadAsync("a", buffer, leaving.Token).AsTask();
        await gate.Reached;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        gate.Open();
        Assert.Equal(0, buffer.Written);
    }

    [Fact]
    public async Task ReadAsync_StoreFails_EveryoneHearsIt()
    {
        _store.BeforeRead = _ => throw new IOException("down");
        var batch = New("a", "b");
        using PooledBuffer a = new(), b = new();
        var (readingA, readingB) = (batch.ReadAsync("a", a, default).AsTask(), batch.ReadAsync("b", b, default).AsTask());

        await Assert.ThrowsAsync<IOException>(() => readingA);
        await Assert.ThrowsAsync<IOException>(() => readingB);
    }

    private BatchRead New(params string[] keys)
    {
        var options = new TwoLevelCacheOptions();
        var batch = new BatchRead(new SharedLevel(new DistributedCacheStore(_store), options, new CacheVersions(16)));
        foreach (var key in keys)
            batch.Expect(key);
        return batch;
    }

    private Task SetAsync(string key) => _store.SetAsync("default:" + key, Encoding.UTF8.GetBytes(key), new DistributedCacheEntryOptions());
}
