using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore;

/// <summary>The fields of draft-ietf-httpapi-ratelimit-headers (10 and 11), written as structured fields (RFC 9651).</summary>
internal static class RateLimitFields
{
    public const string State = "RateLimit";
    public const string Policy = "RateLimit-Policy";

    private static readonly ConditionalWeakTable<RateLimitPolicy, string> Written = [];

    public static void Write(IHeaderDictionary headers, IReadOnlyList<RateLimitPolicy> policies, in RateLimitDecision decision)
    {
        headers[Policy] = policies.Count == 1 ? PolicyItem(policies[0]) : string.Join(", ", policies.Select(PolicyItem));
        headers[State] = StateItem(decision);
    }

    /// <summary>q: permits in a window; w: its length.</summary>
    public static string PolicyItem(RateLimitPolicy policy) => Written.GetValue(
        policy,
        static policy => string.Create(CultureInfo.InvariantCulture, $"{Quoted(policy.Name)};q={policy.Limit};w={WholeSeconds(policy.Window)}"));

    /// <summary>r: permits left; t: seconds until more of them are there.</summary>
    public static string StateItem(in RateLimitDecision decision) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Quoted(decision.Policy)};r={decision.Remaining};t={WholeSeconds(decision.IsAcquired ? decision.ResetAfter : decision.RetryAfter)}");

    /// <summary>Rounded up: who comes back when told finds what was promised.</summary>
    public static long WholeSeconds(TimeSpan time) => (time.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;

    /// <summary>A String of RFC 9651, section 3.3.3. It is ASCII: a name with more is percent-encoded as UTF-8, as the Display String of section 3.3.8 does.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder(name.Length + 2).Append('"');
        if (name.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            foreach (var unit in Encoding.UTF8.GetBytes(name))
            {
                Append(text, (char)unit, isEncoded: unit is < 0x20 or > 0x7E or (byte)'%');
            }
        }
        else
        {
            foreach (var character in name)
            {
                Append(text, character, isEncoded: false);
            }
        }

        return text.Append('"').ToString();
    }

    private static void Append(StringBuilder text, char character, bool isEncoded)
    {
        if (isEncoded)
        {
            text.Append(CultureInfo.InvariantCulture, $"%{(int)character:x2}");
        }
        else
        {
            _ = character is '"' or '\\' ? text.Append('\\').Append(character) : text.Append(character);
        }
    }
}
