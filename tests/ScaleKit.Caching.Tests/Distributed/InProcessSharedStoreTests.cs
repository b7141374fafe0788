namespace ScaleKit.Caching.Tests;

public sealed class InProcessSharedStoreTests : SharedStoreContract
{
    protected override Task<ISharedStore> CreateAsync() => Task.FromResult<ISharedStore>(new InProcessSharedStore());
}
