namespace ScaleKit.Migration.Tests;

public sealed class InMemoryStoreTests : VersionedStoreContract
{
    [Fact]
    public void Capabilities_WithoutValueFormat_NoDigest() =>
        Assert.False(new InMemoryStore<string, string>().Capabilities.HasFlag(StoreCapabilities.Digest));

    [Fact]
    public void Constructor_UnknownKeyType_SaysHowToMakeAFormat() =>
        Assert.Contains("KeyFormat.Create", Assert.Throws<NotSupportedException>(() => new InMemoryStore<DateTime, string>()).Message, StringComparison.Ordinal);

    protected override Task<IVersionedStore<string, string>> CreateAsync() =>
        Task.FromResult<IVersionedStore<string, string>>(new InMemoryStore<string, string>(values: ValueFormat.Text));

    protected override IVersionedStore<string, string> CreateTwin() => Store;
}
