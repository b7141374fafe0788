using ScaleKit.Caching;

namespace SessionCache;

/// <summary>The way of one node to what the nodes share. It can be cut and mended while it is used.</summary>
internal interface ILine : IAsyncDisposable
{
    IInvalidationBus Bus { get; }

    ISharedStore Store { get; }

    void Cut();

    void Mend();
}
