using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>The client's settings: the user's connection string, and what ScaleKit must have whatever it says.</summary>
internal static class ClientConfiguration
{
    public static ConfigurationOptions Parse(string connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new ArgumentException(
                $"Redis needs a connection string, for example 'localhost:6379': pass one, or set {RedisOptions.SectionName}:{nameof(RedisOptions.ConnectionString)}.",
                nameof(connectionString));
        }

        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
#pragma warning disable MA0054 // The cause is left out on purpose.
            // Neither the cause nor its message is passed on: a mistyped setting can be a piece of the password.
            throw new ArgumentException(
                "The Redis connection string has a setting that the client does not know or cannot read. It is not shown, because it may hold a password.",
                nameof(connectionString));
#pragma warning restore MA0054
        }

        if (options.EndPoints.Count == 0)
        {
            throw new ArgumentException("The Redis connection string names no server that can be read as host and port, as 'localhost:6379' can. It is not shown, because it may hold a password.", nameof(connectionString));
        }

        // The application starts when Redis is down, and the client goes on trying.
        options.AbortOnConnectFail = false;

        // The client's default waits as long as its connect timeout (5 s). Spread, so that a fleet does not come back in one beat.
        options.ReconnectRetryPolicy = new LinearRetry(Random.Shared.Next(750, 1_250));
        return options;
    }

    /// <summary>Host and port of each end point and nothing else.</summary>
    public static string Describe(IEnumerable<EndPoint> endPoints) => string.Join(',', endPoints.Select(Describe));

    public static string Describe(EndPoint? endPoint) => endPoint switch
    {
        // The client fills a port that was not given in later: until then it is 0.
        DnsEndPoint { Port: 0 } dns => dns.Host,
        IPEndPoint { Port: 0 } address => address.Address.ToString(),
        DnsEndPoint dns => string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}"),
        null => "unknown",
        _ => endPoint.ToString() ?? "unknown",
    };
}
