using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ScaleKit.Migration;

/// <summary>Binds the options to the configuration, if one is registered: first everything, and at last the kill switch once more, over what code has set.</summary>
internal sealed class MigrationConfiguration(IServiceProvider services)
    : IConfigureOptions<MigrationOptions>, IPostConfigureOptions<MigrationOptions>, IOptionsChangeTokenSource<MigrationOptions>
{
    private readonly IConfigurationSection? _section =
        ((IConfiguration?)services.GetService(typeof(IConfiguration)))?.GetSection(MigrationOptions.SectionName);

    public string Name => Options.DefaultName;

    public void Configure(MigrationOptions options)
    {
        if (_section is { } section)
        {
            section.Bind(options);
        }
    }

    public void PostConfigure(string? name, MigrationOptions options)
    {
        if (bool.TryParse(_section?[nameof(MigrationOptions.Enabled)], out var enabled))
        {
            options.Enabled = enabled;
        }
    }

    public IChangeToken GetChangeToken() => _section?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);
}
