using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ScaleKit.Caching;

/// <summary>
/// Reads the options from the configuration where there is one: before the application's code, so that code wins, and <see cref="TwoLevelCacheOptions.Enabled"/>
/// once more after it, because the kill switch belongs to the configuration. A named cache reads <c>ScaleKit:Caching</c> and then <c>ScaleKit:Caching:Caches:NAME</c>.
/// </summary>
internal sealed class TwoLevelCacheOptionsSetup(IServiceProvider services, string changesOf)
    : IConfigureNamedOptions<TwoLevelCacheOptions>, IPostConfigureOptions<TwoLevelCacheOptions>, IOptionsChangeTokenSource<TwoLevelCacheOptions>
{
    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();

    /// <summary>Whose changes it tells; it configures all names.</summary>
    public string Name => changesOf;

    public IChangeToken GetChangeToken() => _configuration?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);

    public void Configure(TwoLevelCacheOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, TwoLevelCacheOptions options)
    {
        foreach (var section in SectionsOf(name))
            Read(section, options);

        // Not the name of the section that all caches share: two caches of one name would share their entries.
        if (!string.IsNullOrEmpty(name))
            options.Name = _configuration?[$"{TwoLevelCacheOptions.SectionName}:Caches:{name}:{nameof(options.Name)}"] ?? name;
    }

    public void PostConfigure(string? name, TwoLevelCacheOptions options)
    {
        foreach (var section in SectionsOf(name))
            Take(section, nameof(options.Enabled), bool.Parse, v => options.Enabled = v);
    }

    private static void Read(IConfigurationSection section, TwoLevelCacheOptions options)
    {
        Take(section, nameof(options.Enabled), bool.Parse, v => options.Enabled = v);
        Take(section, nameof(options.Name), v => v, v => options.Name = v);
        Take(section, nameof(options.Expiration), Duration, v => options.Expiration = v);
        Take(section, nameof(options.LocalExpiration), Duration, v => options.LocalExpiration = v);
        Take(section, nameof(options.JitterMaximum), Duration, v => options.JitterMaximum = v);
        Take(section, nameof(options.FailSafeMaximum), Duration, v => options.FailSafeMaximum = v);
        Take(section, nameof(options.HeartbeatInterval), Duration, v => options.HeartbeatInterval = v);
        Take(section, nameof(options.MaxStaleness), Duration, v => options.MaxStaleness = v);
        Take(section, nameof(options.FailSafeWhileSuspect), bool.Parse, v => options.FailSafeWhileSuspect = v);
        Take(section, nameof(options.FillLease), Duration, v => options.FillLease = v);
        ReadFreshness(section, options);
        Take(section, nameof(options.SizeLimit), v => long.Parse(v, CultureInfo.InvariantCulture), v => options.SizeLimit = v);
        Take(section, nameof(options.SizeLimitBytes), v => long.Parse(v, CultureInfo.InvariantCulture), v => options.SizeLimitBytes = v);
        Take(section, nameof(options.LocalStore), v => Enum.Parse<LocalStoreKind>(v, ignoreCase: true), v => options.LocalStore = v);
        Take(section, nameof(options.MaximumPayloadBytes), Whole, v => options.MaximumPayloadBytes = v);
        Take(section, nameof(options.CompressionThresholdBytes), Whole, v => options.CompressionThresholdBytes = v);
        Take(section, nameof(options.MaximumKeyLength), Whole, v => options.MaximumKeyLength = v);
        Take(section, nameof(options.MaximumTags), Whole, v => options.MaximumTags = v);
        Take(section, nameof(options.TrackedInvalidations), Whole, v => options.TrackedInvalidations = v);
        Take(section, nameof(options.Flags), v => Enum.Parse<HybridCacheEntryFlags>(v, ignoreCase: true), v => options.Flags = v);
    }

    private static void ReadFreshness(IConfigurationSection section, TwoLevelCacheOptions options)
    {
        Take(section, nameof(options.NegativeExpiration), Duration, v => options.NegativeExpiration = v);
        Take(section, nameof(options.FailureBackOff), Duration, v => options.FailureBackOff = v);
        Take(section, nameof(options.FactorySoftTimeout), Duration, v => options.FactorySoftTimeout = v);
        Take(section, nameof(options.FactoryHardTimeout), Duration, v => options.FactoryHardTimeout = v);
        Take(section, nameof(options.EagerRefreshAt), Number, v => options.EagerRefreshAt = v);
        Take(section, nameof(options.EarlyExpirationBeta), Number, v => options.EarlyExpirationBeta = v);
        Take(section, nameof(options.SelfCheckRate), Number, v => options.SelfCheckRate = v);
        Take(section, nameof(options.HitRateFloor), Number, v => options.HitRateFloor = v);
        Take(section, nameof(options.MaximumBatchKeys), Whole, v => options.MaximumBatchKeys = v);
    }

    private static void Take<TValue>(IConfigurationSection section, string setting, Func<string, TValue> parse, Action<TValue> set)
    {
        if (section[setting] is not { Length: > 0 } text)
            return;
        try
        {
            set(parse(text));
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidOperationException($"{section.Path}:{setting} is \"{Printable.Of(text)}\", which is not a valid value.", exception);
        }
    }

    private static TimeSpan Duration(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private IEnumerable<IConfigurationSection> SectionsOf(string? name)
    {
        if (_configuration is null)
            yield break;
        yield return _configuration.GetSection(TwoLevelCacheOptions.SectionName);
        if (!string.IsNullOrEmpty(name))
            yield return _configuration.GetSection($"{TwoLevelCacheOptions.SectionName}:Caches:{name}");
    }
}
