using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Reads <see cref="RateLimitOptions"/> from the container's configuration, where there is one, and tells when it changed. By hand: a policy's name may hold
/// the colon that separates configuration sections ("workspaces/data:write"), which a binder would take for a nested section.
/// </summary>
internal sealed class RateLimitOptionsSetup(IConfiguration? configuration)
    : IConfigureOptions<RateLimitOptions>, IPostConfigureOptions<RateLimitOptions>, IOptionsChangeTokenSource<RateLimitOptions>
{
    private static readonly Dictionary<string, Action<IConfigurationSection, RateLimitPolicyOptions, RateLimitOptions>> PolicySettings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(RateLimitPolicyOptions.Limit)] = static (section, policy, options) => policy.Limit = ReadInt(section, options) ?? policy.Limit,
        [nameof(RateLimitPolicyOptions.Window)] = static (section, policy, options) => policy.Window = ReadWindow(section, options) ?? policy.Window,
        [nameof(RateLimitPolicyOptions.Buckets)] = static (section, policy, options) => policy.Buckets = ReadInt(section, options) ?? policy.Buckets,
        [nameof(RateLimitPolicyOptions.QueueLimit)] = static (section, policy, options) => policy.QueueLimit = ReadInt(section, options) ?? policy.QueueLimit,
        [nameof(RateLimitPolicyOptions.LeaseLimit)] = static (section, policy, options) => policy.LeaseLimit = ReadInt(section, options) ?? policy.LeaseLimit,
        [nameof(RateLimitPolicyOptions.Shadow)] = static (section, policy, options) => policy.Shadow = ReadBool(section, options) ?? policy.Shadow,
        [nameof(RateLimitPolicyOptions.KeyLimits)] = static (section, policy, options) => ReadKeyLimits(section, "", policy, options),
    };

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => configuration?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);

    public void Configure(RateLimitOptions options)
    {
        if (configuration?.GetSection(RateLimitOptions.SectionName) is not { } section)
        {
            return;
        }

        foreach (var child in section.GetChildren())
        {
            if (Is(child, nameof(RateLimitOptions.MaximumKeys)))
            {
                options.MaximumKeys = ReadInt(child, options) ?? options.MaximumKeys;
            }
            else if (Is(child, nameof(RateLimitOptions.Policies)))
            {
                foreach (var policy in child.GetChildren())
                {
                    ReadPolicy(policy, policy.Key, options);
                }
            }
            else if (Is(child, nameof(RateLimitOptions.AllowedKeys)))
            {
                ReadKeys(child, options.AllowedKeys);
            }
            else if (Is(child, nameof(RateLimitOptions.DeniedKeys)))
            {
                ReadKeys(child, options.DeniedKeys);
            }
            else if (!Is(child, nameof(RateLimitOptions.Enabled)))
            {
                options.ConfigurationErrors.Add($"{EscapedText.Of(child.Path)} is not a setting.");
            }
        }
    }

    /// <summary>After the code's own settings: the kill switch follows the configuration, or it could not be thrown while running.</summary>
    public void PostConfigure(string? name, RateLimitOptions options)
    {
        if (configuration?.GetSection($"{RateLimitOptions.SectionName}:{nameof(RateLimitOptions.Enabled)}") is not { Value: not null } section)
        {
            return;
        }

        options.Enabled = ReadBool(section, options) ?? options.Enabled;
    }

    /// <param name="section">A policy, a part of the name of longer ones, or both.</param>
    /// <param name="name">Its path below the policies.</param>
    /// <param name="options">What is read goes here.</param>
    private static void ReadPolicy(IConfigurationSection section, string name, RateLimitOptions options)
    {
        if (section.Value is { Length: > 0 } text)
        {
            options.ConfigurationErrors.Add($"{EscapedText.Of(section.Path)} is {EscapedText.Of(text)}; Limit, Window, Buckets, QueueLimit, LeaseLimit, Shadow or KeyLimits is expected there.");
            return;
        }

        // An empty section is a policy of defaults; one that holds only longer names is none.
        var policy = section.GetChildren().Any() ? null : new RateLimitPolicyOptions();
        foreach (var child in section.GetChildren())
        {
            if (PolicySettings.TryGetValue(child.Key, out var read))
            {
                read(child, policy ??= new RateLimitPolicyOptions(), options);
            }
            else
            {
                ReadPolicy(child, $"{name}:{child.Key}", options);
            }
        }

        if (policy is not null)
        {
            options.Policies[name] = policy;
        }
    }

    private static void ReadKeyLimits(IConfigurationSection section, string key, RateLimitPolicyOptions policy, RateLimitOptions options)
    {
        foreach (var child in section.GetChildren())
        {
            // A key may hold colons, as an address does.
            var name = key.Length == 0 ? child.Key : $"{key}:{child.Key}";
            if (child.Value is not null && ReadInt(child, options) is { } limit)
            {
                policy.KeyLimits[name] = limit;
            }

            ReadKeyLimits(child, name, policy, options);
        }
    }

    private static void ReadKeys(IConfigurationSection section, ISet<string> keys)
    {
        foreach (var child in section.GetChildren())
        {
            keys.Add(child.Value ?? "");
        }
    }

    private static int? ReadInt(IConfigurationSection section, RateLimitOptions options) =>
        int.TryParse(section.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value)
            ? value
            : Reject(section, FormattableString.Invariant($"a whole number up to {int.MaxValue}"), options);

    private static bool? ReadBool(IConfigurationSection section, RateLimitOptions options)
    {
        if (bool.TryParse(section.Value, out var value))
        {
            return value;
        }

        Reject(section, "true or false", options);
        return null;
    }

    private static TimeSpan? ReadWindow(IConfigurationSection section, RateLimitOptions options)
    {
        // "60" would be sixty days to TimeSpan.Parse, and is never meant so.
        if (section.Value is { } text && text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        Reject(section, "a time such as 00:01:00", options);
        return null;
    }

    private static int? Reject(IConfigurationSection section, string expected, RateLimitOptions options)
    {
        options.ConfigurationErrors.Add($"{EscapedText.Of(section.Path)} is {EscapedText.Of(section.Value)}; it must be {expected}.");
        return null;
    }

    private static bool Is(IConfigurationSection section, string name) => string.Equals(section.Key, name, StringComparison.OrdinalIgnoreCase);
}
