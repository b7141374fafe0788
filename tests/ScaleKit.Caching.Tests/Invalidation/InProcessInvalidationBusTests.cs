namespace ScaleKit.Caching.Tests;

public sealed class InProcessInvalidationBusTests : InvalidationBusContract
{
    protected override int LogCapacity => 4;

    protected override int TagCapacity => 8;

    protected override Task<IInvalidationBus> CreateAsync() =>
        Task.FromResult<IInvalidationBus>(new InProcessInvalidationBus(LogCapacity, TagCapacity));

    [Fact]
    public async Task ReadFromAsync_TwoBuses_HaveDifferentEpochs() => Assert.NotEqual(
        (await new InProcessInvalidationBus().ReadFromAsync("c", default)).Head.Epoch,
        (await new InProcessInvalidationBus().ReadFromAsync("c", default)).Head.Epoch);

    [Fact]
    public void Constructor_CapacityTooSmall_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>("logCapacity", () => new InProcessInvalidationBus(logCapacity: 0));
        Assert.Throws<ArgumentOutOfRangeException>("tagCapacity", () => new InProcessInvalidationBus(tagCapacity: 1));
        Assert.Throws<ArgumentException>("cache", () => new Invalidation(""));
    }
}
