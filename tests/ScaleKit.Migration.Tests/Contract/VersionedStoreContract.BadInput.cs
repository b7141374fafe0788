namespace ScaleKit.Migration.Tests;

// What comes from users, and a store that was registered twice by mistake.
public abstract partial class VersionedStoreContract
{
    [Fact]
    public async Task WriteAsync_HostileText_StoredUnchanged()
    {
        string[] hostile = ["'; DROP TABLE rows; --", "\"", "\u0001\u001b[31m", "é😀", "%_", new string('k', KeyFormat.MaximumTextLength)];
        foreach (var text in hostile)
        {
            await PutAsync(text, text);
            Assert.Equal(text, (await Store.ReadAsync(text)).Value);
        }

        Assert.Equal(hostile.Length, await Store.CountAsync(default));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(0xD800)]
    public async Task WriteAsync_KeyThatCannotBeKept_RefusedAndNothingWritten(int unit)
    {
        // Made here: an attribute cannot hold half of a surrogate pair.
        var key = unit < 0 ? new string('k', 100_000) : "key " + (char)unit;

        var refused = await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.WriteAsync(new(key, "1", 1) { Outbox = true }));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ApplyIfNewerAsync(new(key, VersionedValue.Live("1", new(1, 1)))));

        Assert.InRange(refused.Message.Length, 1, 300);
        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task WriteAsync_NullKeyOrValue_RefusedAndNothingWritten()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.WriteAsync(new("a", null, 1)));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.WriteAsync(new(null!, "1", 1)));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ReadAsync(null!));

        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task Equals_AnotherObjectOnTheSameRows_MigrationRefusedAndNothingWritten()
    {
        var twin = CreateTwin();

        var refused = Assert.Throws<ArgumentException>(() => new DualWriteRepository<string, string>(Store, twin));

        Assert.Contains($"'{Store.Name}'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Store.GetHashCode(), twin.GetHashCode());
        if (twin is IAsyncDisposable disposable && !ReferenceEquals(twin, Store))
        {
            await disposable.DisposeAsync();
        }

        await AssertUntouchedAsync();
    }

    private async Task AssertUntouchedAsync()
    {
        Assert.Equal(0, await Store.CountAsync(default));
        Assert.Equal(0, await Store.FenceAsync(0));
        Assert.Equal(0, (await Store.GetOutboxStatusAsync()).Pending);
    }
}
