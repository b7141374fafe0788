using ScaleKit.Caching;

namespace SessionCache;

/// <summary>A line to a bus and a store in memory.</summary>
internal sealed class InProcessLine : ILine
{
    private readonly Wire _wire = new();

    public InProcessLine(InProcessInvalidationBus bus, InProcessSharedStore store) => (Bus, Store) = (new WiredBus(_wire, bus), new WiredStore(_wire, store));

    public IInvalidationBus Bus { get; }

    public ISharedStore Store { get; }

    public void Cut() => _wire.IsCut = true;

    public void Mend() => _wire.IsCut = false;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
