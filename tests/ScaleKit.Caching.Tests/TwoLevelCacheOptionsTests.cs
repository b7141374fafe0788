namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheOptionsTests
{
    public static TheoryData<string, Action<TwoLevelCacheOptions>> BadSettings() => new()
    {
        { "Name", o => o.Name = "" },
        { "Name", o => o.Name = null! },
        { "Name", o => o.Name = "a:b\n" },
        { "Name", o => o.Name = new string('x', 65) },
        { "Expiration", o => o.Expiration = TimeSpan.Zero },
        { "LocalExpiration", o => o.LocalExpiration = TimeSpan.FromTicks(-1) },
        { "JitterMaximum", o => o.JitterMaximum = TimeSpan.FromTicks(-1) },
        { "FailSafeMaximum", o => o.FailSafeMaximum = TimeSpan.FromTicks(-1) },
        { "SizeLimit", o => o.SizeLimit = 0 },
        { "SizeLimitBytes", o => o.SizeLimitBytes = 1023 },
        { "LocalStore", o => o.LocalStore = (LocalStoreKind)2 },
        { "MaximumPayloadBytes", o => o.MaximumPayloadBytes = 0 },
        { "CompressionThresholdBytes", o => o.CompressionThresholdBytes = 0 },
        { "MaximumKeyLength", o => o.MaximumKeyLength = 0 },
        { "MaximumKeyLength", o => o.MaximumKeyLength = 16_385 },
        { "MaximumTags", o => o.MaximumTags = -1 },
        { "MaximumTags", o => o.MaximumTags = 257 },
        { "TrackedInvalidations", o => o.TrackedInvalidations = 15 },
        { "NegativeExpiration", o => o.NegativeExpiration = TimeSpan.Zero },
        { "FailureBackOff", o => o.FailureBackOff = TimeSpan.FromTicks(-1) },
        { "FactorySoftTimeout", o => o.FactorySoftTimeout = TimeSpan.Zero },
        { "FactoryHardTimeout", o => o.FactoryHardTimeout = TimeSpan.Zero },
        { "FactoryHardTimeout", o => o.FactoryHardTimeout = o.FactorySoftTimeout = TimeSpan.FromSeconds(1) },
        { "EagerRefreshAt", o => o.EagerRefreshAt = 1 },
        { "EagerRefreshAt", o => o.EagerRefreshAt = double.NaN },
        { "EarlyExpirationBeta", o => o.EarlyExpirationBeta = -0.1 },
        { "SelfCheckRate", o => o.SelfCheckRate = 1.1 },
        { "SelfCheckRate", o => o.SelfCheckRate = double.NaN },
        { "HitRateFloor", o => o.HitRateFloor = 0.91 },
        { "HitRateFloor", o => o.HitRateFloor = -0.1 },
        { "EarlyExpirationBeta", o => o.EarlyExpirationBeta = double.NaN },
        { "MaximumBatchKeys", o => o.MaximumBatchKeys = 0 },
    };

    [Theory]
    [MemberData(nameof(BadSettings))]
    public void Constructor_SettingOutOfRange_NamesIt(string setting, Action<TwoLevelCacheOptions> spoil)
    {
        var options = new TwoLevelCacheOptions();
        spoil(options);

        var error = Assert.ThrowsAny<ArgumentException>(() => new TwoLevelCache(options));

        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message.Split(" (Parameter")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constructor_OptionsChangedLater_HaveNoEffect()
    {
        var options = new TwoLevelCacheOptions();
        await using var cache = new TwoLevelCache(options);
        options.MaximumKeyLength = 1;
        options.Enabled = false;

        await cache.GetAsync("key", 1);

        Assert.Equal(1, await cache.GetAsync("key", 2));
    }
}
