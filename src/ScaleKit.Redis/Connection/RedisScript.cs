using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace ScaleKit.Redis;

/// <summary>
/// A Lua script that lies as a <c>.lua</c> file beside its caller and travels inside the assembly. Its header says what KEYS and ARGV
/// are and what it returns. Loaded once; immutable.
/// </summary>
internal sealed class RedisScript
{
    private RedisScript(string name, string source)
    {
        Name = name;
        Source = source;
        Hash = Sha1(Encoding.UTF8.GetBytes(source));
    }

    /// <summary>The file's name in lower case: the name of the operation in messages and metrics.</summary>
    public string Name { get; }

    public string Source { get; }

    /// <summary>What EVALSHA calls it.</summary>
    public byte[] Hash { get; }

    /// <summary>All scripts of this assembly, as <c>Folder/Name.lua</c>.</summary>
    public static IEnumerable<string> Files =>
        typeof(RedisScript).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".lua", StringComparison.Ordinal));

    /// <summary>
    /// Loads a script of this assembly, or of the one given. Throws at once, in the type initialiser of the caller, when there is none
    /// of that name.
    /// </summary>
    public static RedisScript Load(string folder, string name, Assembly? assembly = null)
    {
        var file = $"{folder}/{name}.lua";
        using var stream = (assembly ?? typeof(RedisScript).Assembly).GetManifestResourceStream(file)
            ?? throw new ArgumentException($"There is no script {file}. There are: {string.Join(", ", Files)}.", nameof(name));
        using var reader = new StreamReader(stream, Encoding.UTF8);
#pragma warning disable CA1308 // Names of operations are lower case.
        return new RedisScript(name.ToLowerInvariant(), reader.ReadToEnd());
#pragma warning restore CA1308
    }

    [SuppressMessage("Security", "CA5350:Do not use weak cryptographic algorithms", Justification = "Redis names scripts by SHA-1.")]
    private static byte[] Sha1(byte[] source) => SHA1.HashData(source);
}
