using System.Globalization;

namespace ChatRooms;

/// <summary>Reads the arguments; what it does not know is an error with a clear line, never ignored.</summary>
internal static class CommandLineParser
{
    public const int MostPeople = 5_000;

    public const string Usage =
        """
        ChatRooms: chat rooms on all five ScaleKit primitives.

          dotnet run --project samples/ChatRooms [-- options]

          --simulate N       simulated people as real WebSocket clients (default 960; 0 for none)
          --seconds N        run N seconds without a person, migrate half-way, check every invariant, print RESULT
          --urls URL         where to listen (default http://localhost:5080, or a free port when it is taken)
          --data DIR         keep the data there (default: a temporary folder, deleted at the end)
          --redis HOST:PORT  be one of several nodes on this Redis (or a whole connection string); they share the folder of --data
          --otlp URL         send all meters and traces there by OTLP over HTTP, for example http://localhost:4318
          --proxy URL,URL    be the one address before these nodes, and nothing else
          --drive URL        be the simulated people of an application elsewhere, for --seconds, and check it; --data is its folder
          --help             this text
        """;

    public static bool TryParse(string[] args, out ChatOptions options, out string? error)
    {
        options = new ChatOptions();
        error = null;
        for (var index = 0; index < args.Length && error is null; index++)
        {
            var (name, value) = Split(args[index]);
            if (name is "--help" or "-h" or "-?")
            {
                options = options with { Help = true };
                continue;
            }
            if (name is not ("--simulate" or "--seconds" or "--urls" or "--data" or "--redis" or "--otlp" or "--proxy" or "--drive"))
            {
                error = $"unknown option '{Shorten(args[index])}'; --help lists the options";
                continue;
            }
            value ??= index + 1 < args.Length ? args[++index] : null;
            if (string.IsNullOrWhiteSpace(value))
                error = $"{name} needs a value";
            else
                options = Apply(options, name, value, out error);
        }
        if (error is null && options.Drive is not null && (options.Data is null || options.Seconds is null))
            error = "--drive needs --seconds and --data, the folder of the nodes";
        return error is null;
    }

    private static ChatOptions Apply(ChatOptions options, string name, string value, out string? error)
    {
        error = null;
        switch (name)
        {
            case "--simulate" when TryNumber(value, 0, MostPeople, out var people):
                return options with { Simulate = people };
            case "--seconds" when TryNumber(value, 2, 86_400, out var seconds):
                return options with { Seconds = seconds };
            case "--urls" when IsListenUrl(value):
                return options with { Urls = value };
            case "--proxy" when value.Split(',').All(IsListenUrl):
                return options with { Proxy = value };
            case "--otlp" when IsListenUrl(value):
                return options with { Otlp = value };
            case "--drive" when IsListenUrl(value):
                return options with { Drive = value };
            case "--redis" when IsEndpoint(value.Split(',')[0]):
                return options with { Redis = value };
            case "--data" when IsFolder(value):
                return options with { Data = value };
        }
        var wanted = name switch
        {
            "--simulate" => "a whole number from 0 to 5000",
            "--seconds" => "a whole number from 2 to 86400",
            "--urls" => "a URL such as http://localhost:5080",
            "--proxy" => "URLs with commas between, such as http://localhost:5081,http://localhost:5082",
            "--otlp" => "a URL such as http://localhost:4318",
            "--drive" => "a URL such as http://localhost:5080",
            "--redis" => "host:port, such as localhost:6379",
            _ => "a folder that exists or can be made",
        };
        error = $"{name} takes {wanted}, not '{Shorten(value)}'";
        return options;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static bool TryNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private static bool IsListenUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.AbsolutePath == "/" && url.Query == "";

    private static bool IsEndpoint(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown
            && TryNumber(text[(colon + 1)..], 1, 65_535, out _);
    }

    private static bool IsFolder(string text) => text.IndexOfAny(Path.GetInvalidPathChars()) < 0 && !File.Exists(text);

    private static string Shorten(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= 60 ? line : line[..57] + "...";
    }
}
